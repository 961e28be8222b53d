"""The pages: made from the store alone, for people who would rather look than type.

A page asks `Readers`, makes views of the answers (`fedora_openqa.views`) and renders a template.
No page asks another server, and no GET changes anything.
"""
