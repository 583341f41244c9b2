"""Free text people write with a decision."""

from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.validation import text_faults

MAX_TEXT = 4000


def plain_text(text: str) -> str:
    """The text without surrounding blanks. Raises `Invalid` (field `text`) if too long or not storable."""
    text = text.strip()
    faults = text_faults(text, MAX_TEXT, multiline=True)
    if faults:
        raise Invalid({"text": faults})
    return text


def required_text(text: str) -> str:
    """`plain_text` of a text that must be there. Raises `Invalid` (field `text`)."""
    text = plain_text(text)
    if not text:
        raise Invalid({"text": [Fault(RegistrationFault.DECISION_TEXT_MISSING)]})
    return text
