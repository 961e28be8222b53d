"""What a person may call failures with one cause."""

from urllib.parse import urlsplit

from fedora_openqa.texts import one_line

#: characters of a title and of the URL of a bug
TITLE_SIZE, BUG_SIZE = 200, 500


def reason_not_to_name(title: str, bug: str) -> str | None:
    """Return why failures cannot have a title and the URL of a bug; None: they can.

    Either may be empty.
    """
    if len(title) > TITLE_SIZE:
        return f"the title has more than {TITLE_SIZE} characters"
    if one_line(title) != title:
        return "the title has a character that is invisible or ends a line"
    if len(bug) > BUG_SIZE:
        return f"the URL of the bug has more than {BUG_SIZE} characters"
    try:
        parts = urlsplit(bug)
    except ValueError:
        return "the bug is not an http or https URL"
    if bug and (parts.scheme not in {"http", "https"} or not parts.netloc or one_line(bug) != bug):
        return "the bug is not an http or https URL"
    return None
