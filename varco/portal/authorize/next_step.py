"""Which step comes next on the way from an authorization request to its answer: one decision, from what is known now."""

from dataclasses import dataclass
from enum import Enum, auto

import msgspec

from varco.grants.consent_request import ConsentRequest
from varco.grants.queries import Barrier
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.errors import Fixer, OAuthError, access_denied


class Step(Enum):
    """What has to happen now. Each ends by coming back here, and none knows of another."""

    SIGN_IN = auto()
    SIGN_IN_AGAIN = auto()
    CHOOSE_ACCOUNT = auto()
    OTHER_ACCOUNT = auto()
    EXPLAIN = auto()
    CONSENT = auto()
    ISSUE = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """Everything the decision looks at (times in epoch milliseconds)."""

    request: AuthorizationRequest
    now_ms: int
    began_ms: int  # when this request came
    signed_in_ms: int | None  # when the person last proved who they are; None: nobody is signed in
    account_chosen: bool = False  # whether they said "continue as me"
    expected_account: bool = True  # whether it is the person the application asked for by id_token_hint or claims
    barrier: Barrier | None = None
    consent_covers: bool = False  # whether all that is asked was accepted before
    native: bool = False


def next_step(situation: Situation) -> Step:
    """The next step, in the order in which a person meets them."""
    prompt = situation.request.prompt
    if situation.signed_in_ms is None:
        return Step.SIGN_IN
    # Somebody who signed in for this very request has chosen, and has proven who they are.
    fresh = situation.signed_in_ms > situation.began_ms
    if "select_account" in prompt and not (fresh or situation.account_chosen):
        return Step.CHOOSE_ACCOUNT
    if not situation.expected_account:
        return Step.OTHER_ACCOUNT
    if not fresh and ("login" in prompt or _too_old(situation)):
        return Step.SIGN_IN_AGAIN
    if situation.barrier is not None:
        return Step.EXPLAIN
    # A native application cannot prove which software it is, so a remembered consent could serve an impostor (RFC 8252 §8.6).
    if situation.consent_covers and "consent" not in prompt and not situation.native:
        return Step.ISSUE
    return Step.CONSENT


def _too_old(situation: Situation) -> bool:
    """OpenID Connect Core §3.1.2.1 max_age."""
    max_age = situation.request.max_age
    return max_age is not None and situation.now_ms - (situation.signed_in_ms or 0) > max_age * 1000


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


_BARRIERS = {
    Barrier.NO_CLINIC: ("This account belongs to no medical centre.", "S5 membership of a tenant", Fixer.PERSON),
    Barrier.SWITCHED_OFF: (
        "The person's access to the medical centre is switched off.",
        "S5 membership active",
        Fixer.MANAGER,
    ),
    Barrier.ENDED: (
        "The person's access to the medical centre has ended on its date.",
        "S26 membership end",
        Fixer.MANAGER,
    ),
    Barrier.CLINIC_SUSPENDED: ("The medical centre is suspended.", "S19 tenant active", Fixer.ADMINISTRATOR),
    Barrier.CLINIC_CLOSED: ("The medical centre is closed.", "S19 tenant active", Fixer.ADMINISTRATOR),
    Barrier.NOT_ALLOWED: (
        "This application is limited to certain medical centres, and the person's is not among them.",
        "S19 allow-list of the application",
        Fixer.DEVELOPER,
    ),
    Barrier.BLOCKED: (
        "The person's medical centre has blocked this application.",
        "S19 block-list of the clinic",
        Fixer.MANAGER,
    ),
}


def barred(barrier: Barrier) -> OAuthError:
    """What the client is told of a person who cannot use it."""
    description, rule, fixer = _BARRIERS[barrier]
    return access_denied(
        description,
        rule=rule,
        fixer=fixer,
        received=barrier.value,
        expected="an active member",
    )


def refused(ask: ConsentRequest, reason: str = "the person refused") -> OAuthError:
    """What the client is told when the person refuses (RFC 6749 §4.1.2.1)."""
    return access_denied(
        "The person did not accept what the application asked for.",
        rule="RFC 6749 §4.1.2.1 access_denied",
        fixer=Fixer.PERSON,
        received=reason,
        expected=" ".join(sorted(ask.required)),
    )


def unmet_acr(request: AuthorizationRequest, acr: str) -> OAuthError | None:
    """The refusal of an essential `acr` that this sign-in does not have (OpenID Connect Core §5.5.1.1); None if all is well."""
    asked = msgspec.json.decode(request.claims) if request.claims else {}
    wish = asked.get("id_token", {}).get("acr") or {}
    values = wish.get("values") or ([wish["value"]] if "value" in wish else [])
    if not wish.get("essential") or not values or acr in values:
        return None
    return OAuthError(
        "unmet_authentication_requirements",
        "The person did not sign in in the way that the claims parameter asks for as essential (acr).",
        rule="OpenID Connect Core §5.5.1.1 acr",
        fixer=Fixer.PERSON,
        received=acr,
        expected=" ".join(map(str, values)),
    )
