"""Embedded servers in place of Fedora's services, for a first run and for tests.

They stand in for foreign systems: of the project they import its errors and texts only. The
made-up job history (`made_history`) is in the words of `fedora_openqa.model`.
"""
