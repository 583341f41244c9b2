"""What the client is told where no page may be shown for a step, or where the person does not take it."""

from varco.grants.consent_request import ConsentRequest
from varco.protocol.authorization_step import Step
from varco.protocol.errors import Fixer, OAuthError, access_denied

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
