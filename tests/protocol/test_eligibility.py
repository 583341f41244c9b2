"""Who may use an application where: each reason by itself, which of two comes first, and words of the gate for every one."""

from typing import Any

import pytest

from tests.support.protocol_records import NOW
from varco.protocol.eligibility import EligibilityFacts, Ineligible, eligibility
from varco.protocol.grant import explanation

# In the order in which they are told.
REASONS: list[tuple[dict[str, Any], Ineligible]] = [
    ({"in_force": False}, Ineligible.APPLICATION_INACTIVE),
    ({"user_active": False}, Ineligible.ACCOUNT_INACTIVE),
    ({"membership_tenant_id": None}, Ineligible.NO_MEMBERSHIP),
    ({"membership_tenant_id": 6}, Ineligible.OTHER_TENANT),
    ({"membership_active": False}, Ineligible.MEMBERSHIP_INACTIVE),
    ({"membership_expires_at": NOW}, Ineligible.MEMBERSHIP_EXPIRED),
    ({"membership_application_id": 8, "application_id": 7}, Ineligible.OTHER_APPLICATION),
    ({"tenant_state": "suspended"}, Ineligible.TENANT_SUSPENDED),
    ({"tenant_state": "closed"}, Ineligible.TENANT_CLOSED),
    ({"blocked": True}, Ineligible.APPLICATION_BLOCKED),
    ({"listed": False}, Ineligible.TENANT_NOT_LISTED),
    ({"within_lock": False}, Ineligible.OUTSIDE_SANDBOXES),
]


def facts(**changes: Any) -> EligibilityFacts:
    return EligibilityFacts(**({"tenant_id": 5, "membership_tenant_id": 5} | changes))


def test_a_member_of_an_active_clinic_may() -> None:
    assert eligibility(facts(), NOW) is None


@pytest.mark.parametrize(("changes", "reason"), REASONS)
def test_each_reason_keeps_out_and_says_its_name(changes: dict[str, Any], reason: Ineligible) -> None:
    assert eligibility(facts(**changes), NOW) is reason


def test_of_two_reasons_the_earlier_is_told() -> None:
    for position, (first, reason) in enumerate(REASONS):
        for second, _later in REASONS[position + 1 :]:
            assert eligibility(facts(**(second | first)), NOW) is reason


def test_no_reason_is_left_out_here() -> None:
    assert [reason for _changes, reason in REASONS] == list(Ineligible)


def test_a_membership_lives_until_its_second() -> None:
    assert eligibility(facts(membership_expires_at=NOW + 1), NOW) is None
    assert eligibility(facts(membership_expires_at=NOW), NOW) is Ineligible.MEMBERSHIP_EXPIRED


def test_somebody_without_membership_belongs_to_no_tenant_even_where_none_is_meant() -> None:
    assert eligibility(facts(tenant_id=None, membership_tenant_id=None), NOW) is Ineligible.NO_MEMBERSHIP


@pytest.mark.parametrize("reason", Ineligible)
def test_the_gate_has_words_for_every_reason(reason: Ineligible) -> None:
    words = explanation(reason)
    assert words.description.endswith(".")
    assert words.rule.startswith("S")
    assert words.received != words.expected
