from collections.abc import Callable
from typing import Any

import pytest

from tests.support.protocol_records import CALLBACK, CHALLENGE, NOW, VERIFIER, client, grant, refused
from varco.protocol.authorization_code import check_exchange, code_replayed, unknown_code
from varco.protocol.errors import EndGrant, EndReason, Fixer, OAuthError
from varco.protocol.grant import check_eligibility
from varco.protocol.token_request import AuthorizationCodeRequest


def ask(**changes: Any) -> AuthorizationCodeRequest:
    fields: dict[str, Any] = {"code": "vac.c", "redirect_uri": CALLBACK, "code_verifier": VERIFIER}
    return AuthorizationCodeRequest(**(fields | changes))


def test_a_code_with_its_proof_is_redeemed() -> None:
    check_exchange(ask(), client(), grant(), NOW)


def test_a_code_nobody_issued_is_refused() -> None:
    refusal = unknown_code()
    assert (refusal.error, refusal.rule, refusal.effects) == ("invalid_grant", "RFC 6749 §4.1.3 unknown code", ())


def test_a_code_of_another_client_is_refused_and_nothing_is_told() -> None:
    other = client(application_id=8, client_id="varco-other")
    for record in (grant(), grant(state="active"), grant(code_expires_at=NOW - 5)):
        with refused("invalid_grant", "code of another client") as caught:
            check_exchange(ask(code_verifier="", redirect_uri=""), other, record, NOW)
        assert caught.value.description == "The code is not valid."
        assert not caught.value.effects


def test_the_redirect_uri_must_be_sent_again() -> None:
    with refused("invalid_grant", "redirect_uri missing"):
        check_exchange(ask(redirect_uri=""), client(), grant(), NOW)


def test_a_redirect_uri_left_out_before_may_be_left_out_again() -> None:
    check_exchange(ask(redirect_uri=""), client(), grant(redirect_uri_sent=False), NOW)
    check_exchange(ask(), client(), grant(redirect_uri_sent=False), NOW)


@pytest.mark.parametrize("sent", [True, False])
@pytest.mark.parametrize("uri", [CALLBACK + "/", "https://evil.example/", CALLBACK.upper()])
def test_the_redirect_uri_must_be_the_same(uri: str, sent: bool) -> None:
    with refused("invalid_grant", "RFC 6749 §4.1.3 redirect_uri"):
        check_exchange(ask(redirect_uri=uri), client(), grant(redirect_uri_sent=sent), NOW)


def test_the_verifier_must_be_right() -> None:
    with refused("invalid_grant", "RFC 7636 §4.6"):
        check_exchange(ask(code_verifier="x" * 43), client(), grant(), NOW)
    with refused("invalid_grant", "code_verifier missing"):
        check_exchange(ask(code_verifier=""), client(), grant(), NOW)
    with refused("invalid_grant", "RFC 9700 §4.8.2"):
        check_exchange(ask(), client(), grant(code_challenge="", code_challenge_method=""), NOW)


def test_a_code_without_challenge_is_redeemed_without_verifier() -> None:
    check_exchange(
        ask(code_verifier=""), client(pkce_required=False), grant(code_challenge="", code_challenge_method=""), NOW
    )


def test_a_code_bound_to_a_dpop_key_needs_it() -> None:
    check_exchange(ask(dpop_jkt=CHALLENGE), client(), grant(dpop_jkt=CHALLENGE), NOW)
    for jkt in ("", VERIFIER):
        with refused("invalid_grant", "RFC 9449 §10") as caught:
            check_exchange(ask(dpop_jkt=jkt), client(), grant(dpop_jkt=CHALLENGE), NOW)
        assert caught.value.received == (jkt or "no DPoP proof")
    check_exchange(ask(dpop_jkt=CHALLENGE), client(), grant(), NOW)


def test_a_code_expires() -> None:
    check_exchange(ask(), client(), grant(code_expires_at=NOW + 1), NOW)
    for expires_at in (NOW, NOW - 30, None):
        with refused("invalid_grant", "code lifetime") as caught:
            check_exchange(ask(), client(), grant(code_expires_at=expires_at), NOW)
        assert not caught.value.effects
    with refused("invalid_grant", "code lifetime") as caught:
        check_exchange(ask(), client(), grant(code_expires_at=NOW - 30), NOW)
    assert caught.value.received == "expired 30 s ago"


@pytest.mark.parametrize("expires_at", [NOW + 60, NOW - 3600])
def test_a_replay_with_the_right_proof_ends_the_grant_however_late(expires_at: int) -> None:
    with refused("invalid_grant", "code replay") as caught:
        check_exchange(ask(), client(), grant(state="active", code_expires_at=expires_at), NOW)
    assert caught.value.effects == (EndGrant(99, EndReason.CODE_REPLAYED),)


@pytest.mark.parametrize(
    "changes",
    [
        {"code_verifier": "x" * 43},
        {"code_verifier": ""},
        {"code_verifier": "short"},
        {"redirect_uri": ""},
        {"redirect_uri": "https://x.example/"},
    ],
)
def test_a_replay_without_the_proof_ends_nothing(changes: dict[str, str]) -> None:
    with pytest.raises(OAuthError) as caught:
        check_exchange(ask(**changes), client(), grant(state="active"), NOW)
    assert not caught.value.effects


def test_the_code_of_an_ended_grant_is_refused_without_ending_it_again() -> None:
    with refused("invalid_grant", "code of an ended grant") as caught:
        check_exchange(ask(), client(), grant(state="ended", end_reason="withdrawn"), NOW)
    assert not caught.value.effects
    assert "withdrawn" in caught.value.received


def test_the_loser_of_a_race_is_a_replay() -> None:
    refusal = code_replayed(grant())
    assert (refusal.error, refusal.effects) == ("invalid_grant", (EndGrant(99, EndReason.CODE_REPLAYED),))


PEOPLE = [
    ({"user_is_active": False}, "S21", Fixer.ADMINISTRATOR),
    ({"membership_active": False}, "S5", Fixer.MANAGER),
    ({"membership_tenant_id": 6}, "S5", Fixer.MANAGER),
    ({"membership_tenant_id": None}, "S5", Fixer.MANAGER),
    ({"membership_expires_at": NOW}, "S26", Fixer.MANAGER),
    ({"tenant_state": "suspended"}, "S19", Fixer.ADMINISTRATOR),
    ({"tenant_state": "closed"}, "S19", Fixer.ADMINISTRATOR),
    ({"blocked": True}, "S19 tenant policy", Fixer.MANAGER),
    ({"listed": False}, "S19 tenant policy", Fixer.MANAGER),
]


@pytest.mark.parametrize(("changes", "rule", "fixer"), PEOPLE)
def test_a_code_dies_with_its_user_membership_or_tenant(changes: dict[str, Any], rule: str, fixer: Fixer) -> None:
    for check in (
        lambda: check_exchange(ask(), client(), grant(**changes), NOW),
        lambda: check_eligibility(grant(**changes), NOW),
    ):
        called: Callable[[], None] = check
        with refused("invalid_grant", rule) as caught:
            called()
        assert caught.value.fixer is fixer


def test_a_membership_lives_until_its_date() -> None:
    check_eligibility(grant(membership_expires_at=NOW + 1), NOW)
    check_eligibility(grant(membership_expires_at=None), NOW)
