"""Which step comes next on the way from an authorization request to its answer: one decision, from what is known now."""

from enum import Enum, auto

import msgspec

from varco.grants.consent_request import ConsentRequest
from varco.portal.authorize.state import AuthorizationState
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.errors import Fixer, OAuthError, access_denied


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


def next_step(state: AuthorizationState) -> Step:
    """The next step, in the order in which a person meets them."""
    prompt = state.request.prompt
    if state.signed_in_ms is None:
        return Step.SIGN_IN
    # Somebody who signed in for this very request has chosen, and has proven who they are.
    fresh = state.fresh_sign_in
    if _wants_a_choice(state) and not (fresh or state.account_chosen):
        return Step.CHOOSE_ACCOUNT
    if not state.expected_account:
        return Step.OTHER_ACCOUNT
    if state.stale_sign_in:
        return Step.SIGN_IN_AGAIN
    if state.lacks_second_step:
        return Step.SECOND_STEP
    if state.ineligible is not None:
        return Step.EXPLAIN
    # A native application cannot prove which software it is, so a remembered consent could serve an impostor (RFC 8252 §8.6).
    # Whoever lets something act by itself is told so each time: what they accepted once may not have done so yet.
    asks_always = state.client.type == "native" or state.client.acts_by_itself
    if "consent" not in prompt and not asks_always and state.consent_covers:
        return Step.ISSUE
    return Step.CONSENT


def _wants_a_choice(state: AuthorizationState) -> bool:
    """Whether the person is asked which account (OpenID Connect Core §3.1.2.1 prompt select_account, login_hint).

    A hint is no demand: it asks for no page of its own where none may be shown, nor where the next one says it too.
    """
    if "select_account" in state.request.prompt:
        return True
    return bool(state.hinted_account) and "none" not in state.request.prompt and not state.stale_sign_in


_SILENT = {
    Step.SIGN_IN: (
        "login_required",
        "Nobody is signed in, and prompt=none allows no page. Ask again without prompt=none.",
    ),
    Step.SIGN_IN_AGAIN: (
        "login_required",
        "The sign-in is older than max_age allows, and prompt=none allows no page. Ask again without prompt=none.",
    ),
    Step.OTHER_ACCOUNT: (
        "login_required",
        "Another person is signed in than asked for, or id_token_hint is not ours, and prompt=none allows no page.",
    ),
    Step.SECOND_STEP: (
        "interaction_required",
        "The person has to set up two-step sign-in first, and prompt=none allows no page. Ask again without prompt=none.",
    ),
    Step.CONSENT: (
        "consent_required",
        "The person has not accepted all of this yet, and prompt=none allows no page. Ask again without prompt=none.",
    ),
}


def silent_refusal(step: Step) -> OAuthError:
    """Why a request with prompt=none cannot be answered with a code (OpenID Connect Core §3.1.2.6)."""
    error, description = _SILENT[step]
    return OAuthError(
        error,
        description,
        rule="OpenID Connect Core §3.1.2.1 prompt none",
        fixer=Fixer.RETRY,
        received=step.name.lower().replace("_", " "),
        expected="a person signed in who has accepted everything before",
    )


def unconfirmed() -> OAuthError:
    """What the client is told when the person goes back instead of signing in anew.

    "If it cannot reauthenticate the End-User, it MUST return an error, typically login_required" (OpenID Connect Core §3.1.2.1 prompt
    login; the error is §3.1.2.6's). Not access_denied: nothing was asked for that the person could have denied.
    """
    return OAuthError(
        "login_required",
        "The person did not sign in anew, as prompt=login or max_age asks.",
        rule="OpenID Connect Core §3.1.2.1 prompt login, max_age",
        fixer=Fixer.PERSON,
        received="the person went back to the application",
        expected="a sign-in made for this request",
    )


def refused(consent_request: ConsentRequest, reason: str) -> OAuthError:
    """What the client is told when the person refuses (RFC 6749 §4.1.2.1)."""
    return access_denied(
        "The person did not accept what the application asked for.",
        rule="RFC 6749 §4.1.2.1 access_denied",
        fixer=Fixer.PERSON,
        received=reason,
        expected=" ".join(sorted(consent_request.required)),
    )


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
