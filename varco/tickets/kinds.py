"""The kinds of tickets: the one table that declares each, as operations of the API are declared.

To add a kind: a `TicketKind` in `KINDS`, and its words in `portal/common/ticket_words.py`, which a test demands. The matrix of
`tests/tickets/test_matrix.py` wants a row that says who may open, see and decide it.

What approving one does is a function of the app that owns what changes, called in the transaction of the decision; whatever it
raises leaves the ticket as it was. `people.errors.Refused` is told to whoever decides.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry.errors import Faults
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant
from varco.tickets import activations, factors, integrators, sandboxes
from varco.tickets.fields import Asker, Choice, Details, Field, FieldType
from varco.tickets.models import Ticket


class Reader(StrEnum):
    """Who sees a ticket besides the vendor's people."""

    OPENER = "opener"
    PERSON = "person"  # whom it is about
    CLINIC = (
        "clinic"  # every manager of the clinic; where it is among them, the opener is one of them or sees it no more
    )


class Decider(StrEnum):
    """Which of the vendor's people decide. Nobody decides about what they asked for, or about themselves."""

    STAFF = "staff"  # operators and support
    OPERATORS = "operators"


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """Whom a ticket is about: an account that is known to whoever asks, or an address that may have none."""

    person: User | None = None
    email: str = ""
    tenant: Tenant | None = None  # the clinic it belongs to, where that is not the one that the asker manages


Act = Callable[[Ticket, Origin, str], str]
"""What a decision does: the ticket, who decides, the words of the decision. Answers with a code for the history, or empty."""


def _nothing(_ticket: Ticket, _origin: Origin, _text: str) -> str:
    return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TicketKind:
    """One kind of ticket."""

    code: str
    may_open: Callable[[Asker], bool]
    fields: tuple[Field, ...]
    readers: frozenset[Reader]
    subject: Callable[[Details], str]
    """One line for lists, of names and addresses alone: it has no language."""
    about: Callable[[Asker, Details], About] = lambda _asker, _details: About()
    check: Callable[[Asker, Details, About], Faults] = lambda _asker, _details, _about: {}
    """Faults by field of what is sound in itself; nothing of other clinics or accounts may show in it."""
    deciders: Callable[[Ticket], Decider] = lambda _ticket: Decider.STAFF
    decided: bool = True
    """Whether it is approved or refused; what is only answered is closed."""
    proof: bool = False
    """Whether a manager of the person's clinic has to confirm who they are first, or two people approve where there is none."""
    on_approval: Act = _nothing
    on_refusal: Act = _nothing
    clock_days: int | None = None
    """Calendar days within which it is to be answered; without any, two business days."""


def _manages_production(asker: Asker) -> bool:
    return asker.managed is not None and asker.managed.kind == Tenant.Kind.PRODUCTION and not asker.half


def _anybody(asker: Asker) -> bool:
    return not asker.half


def _line(details: Details, *names: str) -> str:
    return " · ".join(str(details[name]) for name in names if details.get(name))[:160]


DEVELOPER_ACTIVATION = TicketKind(
    code="developer_activation",
    may_open=_manages_production,
    fields=(
        Field(name="email", type=FieldType.EMAIL),
        Field(name="company", type=FieldType.LINE, least=2, most=120),
        Field(name="purpose", type=FieldType.TEXT, least=20, most=2000),
    ),
    readers=frozenset({Reader.CLINIC}),
    subject=lambda details: _line(details, "email", "company"),
    about=lambda _asker, details: About(email=str(details["email"])),
    on_approval=activations.approve,
    on_refusal=activations.refuse,
)

SANDBOX = TicketKind(
    code="sandbox",
    may_open=lambda asker: _anybody(asker) and (asker.user.is_developer or tenants.tenant_of(asker.user) is None),
    fields=(
        Field(name="name", type=FieldType.LINE, least=3, most=100),
        Field(name="data", type=FieldType.CHOICE, choices=lambda _asker: (Choice("invented"), Choice("empty"))),
        Field(name="email", type=FieldType.EMAIL, required=False),
        Field(name="purpose", type=FieldType.TEXT, least=10, most=2000),
    ),
    readers=frozenset({Reader.OPENER}),
    subject=lambda details: _line(details, "name"),
    about=lambda asker, details: About(email=str(details.get("email") or asker.user.email)),
    check=sandboxes.check,
    on_approval=sandboxes.create,
)

LOST_FACTOR = TicketKind(
    code="lost_factor",
    may_open=lambda _asker: True,
    fields=(
        Field(
            name="member", type=FieldType.EMAIL, required=False,
            shown=lambda asker: asker.managed is not None and not asker.half,
        ),
        Field(name="lost", type=FieldType.CHOICE, choices=lambda _asker: tuple(map(Choice, factors.LOST))),
        Field(name="story", type=FieldType.TEXT, least=10, most=2000),
    ),
    readers=frozenset({Reader.PERSON, Reader.CLINIC}),
    subject=lambda details: _line(details, "member"),
    about=lambda asker, details: About(**factors.about(asker, details)),
    check=lambda asker, details, about: factors.check(asker, details, about.person),
    deciders=lambda ticket: Decider.OPERATORS if factors.is_of_staff(ticket) else Decider.STAFF,
    proof=True,
    on_approval=factors.reset,
)  # fmt: skip

INTEGRATOR_ACCESS = TicketKind(
    code="integrator_access",
    may_open=_manages_production,
    fields=integrators.ACCESS_FIELDS,
    readers=frozenset({Reader.CLINIC}),
    subject=lambda details: _line(details, "email", "last_day"),
    about=lambda _asker, details: About(email=str(details["email"])),
    check=integrators.check,
    on_approval=integrators.approve,
)

INTEGRATOR_EXTENSION = TicketKind(
    code="integrator_extension",
    may_open=lambda asker: _manages_production(asker) and bool(integrators.accesses(asker)),
    fields=integrators.EXTENSION_FIELDS,
    readers=frozenset({Reader.CLINIC}),
    subject=integrators.subject_of_extension,
    about=lambda _asker, details: About(email=str(details["access"])),
    check=integrators.check_extension,
    on_approval=integrators.extend,
)

QUESTION = TicketKind(
    code="question",
    may_open=_anybody,
    fields=(
        Field(name="topic", type=FieldType.LINE, least=5, most=120),
        Field(name="text", type=FieldType.TEXT, least=10, most=4000),
    ),
    readers=frozenset({Reader.OPENER}),
    subject=lambda details: _line(details, "topic"),
    decided=False,
)

KINDS: Sequence[TicketKind] = (
    DEVELOPER_ACTIVATION,
    INTEGRATOR_ACCESS,
    INTEGRATOR_EXTENSION,
    SANDBOX,
    LOST_FACTOR,
    QUESTION,
)

BY_CODE: Mapping[str, TicketKind] = {kind.code: kind for kind in KINDS}


def of(ticket: Ticket) -> TicketKind:
    """The kind of a ticket."""
    return BY_CODE[ticket.kind]


def read_by(reader: Reader) -> list[str]:
    """Codes of the kinds that somebody in this part sees."""
    return [kind.code for kind in KINDS if reader in kind.readers]
