"""Which step comes next on the way from an authorization request to its answer: one decision, from what is known now.

The portal takes every step; the gate takes one, `Step.ISSUE`, where it needs no page. Both ask here.
"""

from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.client import Client
from varco.protocol.eligibility import Ineligible
from varco.protocol.errors import Fixer, OAuthError


class Step(Enum):
    """What has to happen now. Each ends by coming back here, and none knows of another."""

    SIGN_IN = auto()
    SIGN_IN_AGAIN = auto()
    CHOOSE_ACCOUNT = auto()
    OTHER_ACCOUNT = auto()
    SECOND_STEP = auto()
    EXPLAIN = auto()
    CONSENT = auto()
    ISSUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationFacts:
    """What the next step is decided from (times in epoch milliseconds)."""

    request: AuthorizationRequest
    client: Client
    now_ms: int
    began_ms: int  # when the request was begun
    signed_in_ms: int | None  # when the person last proved who they are; None: nobody is signed in
    email: str  # of the person; empty: nobody is signed in
    account_chosen: bool  # whether the person said "continue as me" (prompt=select_account)
    expected_account: bool  # whether it is the person the application asked for by id_token_hint or claims
    lacks_second_step: bool  # whether the person must set up a second factor before anything else
    ineligible: Ineligible | None  # why the person may not use the application
    consent_covers: bool  # whether everything asked for was accepted before

    @property
    def fresh_sign_in(self) -> bool:
        """Whether the person signed in for this very request."""
        return self.signed_in_ms is not None and self.signed_in_ms > self.began_ms

    @property
    def stale_sign_in(self) -> bool:
        """Whether the request asks for a sign-in newer than the one there is (OpenID Connect Core §3.1.2.1 prompt, max_age)."""
        if self.fresh_sign_in or self.signed_in_ms is None:
            return False
        max_age = self.request.max_age
        too_old = max_age is not None and self.now_ms - self.signed_in_ms > max_age * 1000
        return "login" in self.request.prompt or too_old

    @property
    def hinted_account(self) -> str:
        """The e-mail address of somebody else whom the application takes the person for (login_hint); empty without one.

        Whether anybody here has it is not looked at, and so not told.
        """
        hint = self.request.login_hint.strip().lower()
        return hint if "@" in hint and self.email and hint != self.email else ""


def next_step(facts: AuthorizationFacts) -> Step:
    """The next step, in the order in which a person meets them."""
    prompt = facts.request.prompt
    if facts.signed_in_ms is None:
        return Step.SIGN_IN
    # Somebody who signed in for this very request has chosen, and has proven who they are.
    fresh = facts.fresh_sign_in
    if _wants_a_choice(facts) and not (fresh or facts.account_chosen):
        return Step.CHOOSE_ACCOUNT
    if not facts.expected_account:
        return Step.OTHER_ACCOUNT
    if facts.stale_sign_in:
        return Step.SIGN_IN_AGAIN
    if facts.lacks_second_step:
        return Step.SECOND_STEP
    if facts.ineligible is not None:
        return Step.EXPLAIN
    # A native application cannot prove which software it is, so a remembered consent could serve an impostor (RFC 8252 §8.6).
    # Whoever lets something act by itself is told so each time: what they accepted once may not have done so yet.
    asks_always = facts.client.type == "native" or facts.client.acts_by_itself
    if "consent" not in prompt and not asks_always and facts.consent_covers:
        return Step.ISSUE
    return Step.CONSENT


def _wants_a_choice(facts: AuthorizationFacts) -> bool:
    """Whether the person is asked which account (OpenID Connect Core §3.1.2.1 prompt select_account, login_hint).

    A hint is no demand: it asks for no page of its own where none may be shown, nor where the next one says it too.
    """
    if "select_account" in facts.request.prompt:
        return True
    return bool(facts.hinted_account) and "none" not in facts.request.prompt and not facts.stale_sign_in


def unmet_acr(request: AuthorizationRequest, acr: str) -> OAuthError | None:
    """The refusal of an essential `acr` that this sign-in does not have (OpenID Connect Core §5.5.1.1); None if all is well."""
    claims = msgspec.json.decode(request.claims) if request.claims else {}
    requested = claims.get("id_token", {}).get("acr") or {}
    values = requested.get("values") or ([requested["value"]] if "value" in requested else [])
    if not requested.get("essential") or not values or acr in values:
        return None
    return OAuthError(
        "unmet_authentication_requirements",
        "The person did not sign in in the way that the claims parameter asks for as essential (acr).",
        rule="OpenID Connect Core §5.5.1.1 acr",
        fixer=Fixer.PERSON,
        received=acr,
        expected=" ".join(map(str, values)),
    )
