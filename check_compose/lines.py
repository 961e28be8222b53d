"""Foreign texts in lines of ours, so that nobody else's word can begin a line."""

import unicodedata

#: control and format characters, half surrogates (which cannot be sent), line and paragraph ends
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def one_line(text: str) -> str:
    """Replace everything that is not to be seen, or ends the line."""
    if text.isascii() and text.isprintable():
        return text
    return "".join("\ufffd" if unicodedata.category(c) in UNPRINTABLE else c for c in text)
