"""Free text people write with a decision."""

from collections.abc import Mapping
from dataclasses import fields

from varco.protocol.fault import Fault
from varco.registry.errors import Invalid
from varco.registry.fault_codes import RegistrationFault
from varco.registry.registration import Details, Registration
from varco.registry.validation import text_faults

MAX_TEXT = 4000
MAX_REMARK = 1000
REMARKABLE = frozenset(field.name for kind in (Registration, Details) for field in fields(kind))
"""What a reviewer may remark on: every field that a developer fills in."""


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


def sound_remarks(remarks: Mapping[str, str]) -> dict[str, str]:
    """The remarks that say something, by field. Raises `Invalid` (`remark:` and the field)."""
    written = {field: words.strip() for field, words in remarks.items() if words.strip()}
    faults = {f"remark:{field}": text_faults(words, MAX_REMARK, multiline=True) for field, words in written.items()}
    faults = {name: found for name, found in faults.items() if found}
    if not written.keys() <= REMARKABLE:
        faults[""] = [Fault(RegistrationFault.REMARK_FIELD)]
    if faults:
        raise Invalid(faults)
    return written
