"""Free text people write with a decision."""

from django.utils.translation import gettext as _

from varco.registry.errors import Invalid
from varco.registry.validation import unstorable

MAX_TEXT = 4000


def plain_text(text: str) -> str:
    """The text without surrounding blanks. Raises `Invalid` (field `text`) if too long or not storable."""
    text = text.strip()
    if len(text) > MAX_TEXT:
        raise Invalid({"text": [_("This is longer than %(limit)d characters.") % {"limit": MAX_TEXT}]})
    if unstorable(text, multiline=True):
        raise Invalid({"text": [_("This contains invisible or control characters. Remove them.")]})
    return text


def required_text(text: str) -> str:
    """`plain_text` of a text that must be there. Raises `Invalid` (field `text`)."""
    text = plain_text(text)
    if not text:
        raise Invalid({"text": [_("Write a reason: the developer gets it by mail and it stays in the timeline.")]})
    return text
