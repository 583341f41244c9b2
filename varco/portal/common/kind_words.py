"""What the portal says of a kind of ticket: the shape of its words."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise


@dataclass(frozen=True, slots=True)
class FieldWords:
    """A field of a form: its label, help, and the labels of the values that have none of their own."""

    label: Promise
    help: Promise | str = ""
    choices: Mapping[str, Promise] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class KindWords:
    """A kind: its name, what somebody opens one for, how the form begins, and what the decision does."""

    name: Promise
    offer: Promise
    lead: Promise
    fields: Mapping[str, FieldWords]
    approve: Promise | str = ""
    approving: Promise | str = ""
    icon: str = "ticket"
