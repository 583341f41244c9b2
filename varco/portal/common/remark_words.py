"""What reviewers remark on, by the names of the fields as pages and mails call them."""

from collections.abc import Mapping
from typing import NamedTuple

from varco.portal.common.registration_difference import field_labels
from varco.portal.common.registration_display import DETAIL_LABELS


class WordedRemark(NamedTuple):
    """A remark with the name of its field."""

    field: str
    label: str
    text: str


def labels() -> dict[str, str]:
    """The names of all fields of an application and of its revisions, in the order of the pages."""
    return {field: str(label) for field, label in DETAIL_LABELS.items()} | field_labels()


def worded_remarks(remarks: Mapping[str, str]) -> list[WordedRemark]:
    """Remarks with the names of their fields, in the order of the pages."""
    if not remarks:
        return []
    known = labels()
    ordered = [*(field for field in known if field in remarks), *sorted(set(remarks) - set(known))]
    return [WordedRemark(field, known.get(field, field), remarks[field]) for field in ordered]
