"""What commands print as JSON and what pages and the interface show: one struct for each.

A view is made of facts (`fedora_openqa.model`) by one function. Times are texts in UTC; a value
that is not known is None. Nothing is decided here.
"""
