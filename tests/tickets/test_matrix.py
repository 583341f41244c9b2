"""Each kind of ticket and everybody of the cast: who may open one, who sees it, who decides. A kind without a row fails."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.support import integrators, people, tickets
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry.errors import Conflict, Denied, Invalid
from varco.tickets import access, kinds, queries, services
from varco.tickets.fields import FieldType
from varco.tickets.models import Ticket

pytestmark = pytest.mark.django_db

CAST: dict[str, Callable[[], User]] = {
    "operator": people.olga,
    "support": people.sara,
    "developer": people.davide,
    "manager": people.marta,
    "second manager": lambda: people.member("Mara", "Aurora", "manager"),
    "doctor": people.dario,
    "secretary": people.silvia,
    "other manager": people.luca,
    "other doctor": people.lia,
    "sandbox manager": lambda: people.member("Sonia", "Sandbox", "manager", "sandbox"),
    "sandbox doctor": people.sandro,
    "other operator": lambda: people.person("Otto", "Operator", platform_role="operator"),
}
EVERYBODY = frozenset(CAST)
STAFF = frozenset({"operator", "support", "other operator"})
OPERATORS = frozenset({"operator", "other operator"})
NO_CLINIC = frozenset({"operator", "support", "developer", "other operator"})


@dataclass(frozen=True)
class Row:
    """`opener` opens the one that the rest of the row is about."""

    may_open: frozenset[str]
    opener: str
    sees: frozenset[str]
    decides: frozenset[str]
    confirms: frozenset[str] = frozenset()


ROWS = {
    "developer_activation": [
        Row(
            frozenset({"manager", "second manager", "other manager"}), "manager", STAFF | {"manager", "second manager"},
            STAFF,
        ),
    ],
    "sandbox": [Row(NO_CLINIC, "developer", STAFF | {"developer"}, STAFF)],
    "lost_factor": [
        Row(EVERYBODY, "doctor", STAFF | {"doctor", "manager", "second manager"}, STAFF, frozenset({"manager", "second manager"})),
        Row(EVERYBODY, "manager", STAFF | {"manager", "second manager"}, STAFF, frozenset({"second manager"})),
        # Nobody proves somebody of a sandbox, which anybody can have, nor somebody without a medical centre.
        Row(EVERYBODY, "sandbox doctor", STAFF | {"sandbox doctor", "sandbox manager"}, STAFF),
        Row(EVERYBODY, "developer", STAFF | {"developer"}, STAFF),
        Row(EVERYBODY, "support", STAFF, OPERATORS),
        Row(EVERYBODY, "operator", STAFF, frozenset({"other operator"})),
    ],
    "integrator_access": [
        Row(
            frozenset({"manager", "second manager", "other manager"}), "manager", STAFF | {"manager", "second manager"},
            STAFF,
        ),
    ],
    # Only where there is something to extend.
    "integrator_extension": [
        Row(frozenset({"manager", "second manager"}), "manager", STAFF | {"manager", "second manager"}, STAFF),
    ],
    "question": [Row(EVERYBODY, "secretary", STAFF | {"secretary"}, frozenset())],
}  # fmt: skip


def test_every_kind_has_its_rows() -> None:
    assert set(ROWS) == set(kinds.BY_CODE)
    assert len(kinds.BY_CODE) == len(kinds.KINDS)


def cast() -> dict[str, User]:
    found = {part: make() for part, make in CAST.items()}
    integrators.given(email="ines@integra.example")  # at Aurora: what there is to extend
    return found


def decided(everybody: dict[str, User], ticket: Ticket, part: str) -> bool:
    """Whether a refusal of this person goes through; it is taken back."""
    from django.db import transaction

    with transaction.atomic():
        try:
            services.refuse(ticket, Origin(everybody[part]), text="No.")
        except Denied:
            return False
        finally:
            transaction.set_rollback(True)
    return True


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_who_may_open_see_decide_and_confirm(kind: str) -> None:
    everybody = cast()
    for part, user in everybody.items():
        asker = access.asker(user)
        assert kinds.BY_CODE[kind].may_open(asker) == (part in ROWS[kind][0].may_open), part
        if part not in ROWS[kind][0].may_open:
            with pytest.raises(Denied):
                services.open_ticket(asker, kind, tickets.GIVEN[kind], Origin(user))
    for row in ROWS[kind]:
        ticket = tickets.opened(everybody[row.opener], kind)
        sees = {part for part, user in everybody.items() if queries.by_number(ticket.number, user)}
        assert sees == row.sees, row.opener
        lists = {
            part
            for part, user in everybody.items()
            if ticket in queries.own(user, access.asker(user).managed) or user.answers_for_all
        }
        assert lists == row.sees | STAFF, row.opener
        deciding = {part for part in everybody if decided(everybody, ticket, part)}
        assert deciding == row.decides, row.opener
        confirming = {part for part, user in everybody.items() if access.may_confirm(user, ticket)}
        assert confirming == row.confirms, row.opener


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_nobody_of_another_side_does_anything_to_it(kind: str) -> None:
    everybody = cast()
    row = ROWS[kind][0]
    ticket = tickets.opened(everybody[row.opener], kind)
    for part in sorted(EVERYBODY - row.sees):
        where = Origin(everybody[part])
        for act in (
            lambda: services.reply(ticket, where, text="x"),  # noqa: B023 - called at once
            lambda: services.note(ticket, where, text="x"),  # noqa: B023
            lambda: services.close(ticket, where),  # noqa: B023
            lambda: services.assign(ticket, where, to=None),  # noqa: B023
            lambda: services.approve(ticket, where),  # noqa: B023
            lambda: services.refuse(ticket, where, text="x"),  # noqa: B023
            lambda: services.confirm(ticket, where, text="x"),  # noqa: B023
            lambda: services.deny(ticket, where, text="x"),  # noqa: B023
        ):
            with pytest.raises(Denied):
                act()
    for part in sorted(row.sees - STAFF):
        for act in (
            lambda: services.note(ticket, Origin(everybody[part]), text="x"),  # noqa: B023
            lambda: services.assign(ticket, Origin(everybody[part]), to=None),  # noqa: B023
            lambda: services.approve(ticket, Origin(everybody[part])),  # noqa: B023
        ):
            with pytest.raises(Denied):
                act()
    assert tickets.fresh(ticket).version == ticket.version


@pytest.mark.parametrize("kind", ["", "root", "../question", "QUESTION", "developer-activation", "\0"])
def test_a_forged_kind_is_none(kind: str) -> None:
    marta = people.marta()
    with pytest.raises(Denied):
        services.open_ticket(access.asker(marta), kind, tickets.GIVEN["question"], Origin(marta))


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_an_empty_form_is_refused_field_by_field(kind: str) -> None:
    user = people.marta() if kind.startswith(("developer", "integrator")) else people.davide()
    if kind == "integrator_extension":
        integrators.given()
    with pytest.raises(Invalid) as refused:
        services.open_ticket(access.asker(user), kind, {}, Origin(user))
    needed = {each.name for each in kinds.BY_CODE[kind].fields if each.required}
    assert set(refused.value.faults) == needed
    assert not Ticket.objects.exists()


def test_a_decision_about_what_is_only_answered_is_nobodys() -> None:
    ticket, sara = tickets.opened(people.silvia(), "question"), people.sara()
    with pytest.raises(Denied):
        services.approve(ticket, Origin(sara))
    services.close(ticket, Origin(sara), text="Only who manages the medical centre.")
    with pytest.raises(Conflict):
        services.close(ticket, Origin(sara))


@pytest.mark.parametrize("kind", sorted(ROWS))
def test_no_text_of_a_form_holds_what_cannot_be_seen_or_is_longer_than_it_may_be(kind: str) -> None:
    user = people.marta() if kind.startswith(("developer", "integrator")) else people.davide()
    if kind == "integrator_extension":
        integrators.given()
    for field in kinds.BY_CODE[kind].fields:
        if field.type not in {FieldType.LINE, FieldType.TEXT}:
            continue
        for text in ("abcdefghijklmnop\u202eqrstuvwxyz", "x" * (field.most + 1)):
            changes: dict[str, Any] = {field.name: text}
            with pytest.raises(Invalid) as refused:
                tickets.opened(user, kind, **changes)
            assert list(refused.value.faults) == [field.name]
