"""Foreign text, made safe to show: one line, printable, of limited length."""

import re
import unicodedata

#: Unicode categories: control, format, surrogate (cannot be encoded), line and paragraph end
UNPRINTABLE = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})

#: characters of a foreign text that are quoted: a screen's width or two
QUOTE_SIZE = 200

#: maximal size of one openQA setting, in bytes; much longer values break openQA
SETTING_SIZE = 1000

#: user name and password in a URL
LOGIN = re.compile(r"(?<=://)[^\s/?#\"'<>]*@")


def one_line(text: str, *, keep: str = "") -> str:
    """Return a text with each character that is invisible or ends a line replaced by U+FFFD.

    :param keep: characters that are not replaced, a tab for instance
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        "\ufffd" if unicodedata.category(c) in UNPRINTABLE and c not in keep else c for c in text
    )


def first_line(text: str, *, size: int = QUOTE_SIZE) -> str:
    """Return the start of a text, which may be very long, as one line.

    :param size: maximal number of characters
    """
    # a text of many megabytes is not split as a whole
    start = text[: size * 10]
    line = one_line(" ".join(start.split()))
    return line if len(line) <= size and start == text else f"{line[:size]}…"


def reason_unfit(value: str, *, size: int = SETTING_SIZE) -> str | None:
    """Return why a foreign text cannot be the value of an openQA setting; None: it can.

    :param size: maximal number of bytes
    """
    if not value.strip():
        return "is empty"
    if one_line(value) != value:
        return "has a character that is invisible or ends a line"
    if value != value.strip():
        return "begins or ends with a space"
    if "%" in value:
        # openQA replaces %NAME% by the value of another setting
        return "has a percent sign"
    if len(value.encode()) > size:
        return f"has more than {size} bytes"
    return None


def shown_url(url: str) -> str:
    """Return a URL or ``host:port`` without its user name and password, for logs and errors."""
    scheme, slashes, rest = url.partition("//") if "//" in url else ("", "", url)
    host, slash, path = rest.partition("/")
    return f"{scheme}{slashes}{host.rpartition('@')[2]}{slash}{path}"


def without_logins(text: str) -> str:
    """Return a text without the user names and passwords that are in its URLs."""
    return LOGIN.sub("", text) if "@" in text else text
