"""Issuing authorization codes, and the grants behind them (S17)."""

from typing import TypedDict, Unpack

from django.db import transaction

from varco import clock
from varco.accounts.browser_session import SignIn
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.compiled import Added
from varco.grants import interactions
from varco.grants.consent_request import ConsentDecision, ConsentRequest
from varco.grants.identifiers import new_code
from varco.grants.models import Grant, Interaction
from varco.grants.parties import Parties, SessionOver, StillSignedIn
from varco.grants.services.consent import InteractionOver, covers, give_consent, locked_consent
from varco.protocol import credentials
from varco.protocol.authorization_request import AuthorizationRequest


class ConsentGone(Exception):  # noqa: N818 - it is an answer, not a failure
    """The remembered consent does not cover the request any more: the person has to be asked."""


@transaction.atomic
def issue_code(
    interaction: Interaction,
    parties: Parties,
    request: AuthorizationRequest,
    consent_request: ConsentRequest,
    *,
    answer: ConsentDecision | None,
    sign_in: SignIn,
    still_signed_in: StillSignedIn,
    lifetime: int,
    origin: Origin,
) -> str:
    """Finish an interaction with an authorization code, and return the code's text, which is stored as a hash only.

    The code is good for `lifetime` seconds.
    `answer` is what the person said on the consent page; None goes by what they said before.
    Raises `SessionOver`, `InteractionOver`, and `ConsentGone` when there is no remembered consent that covers the request.
    """
    if not still_signed_in():
        raise SessionOver
    if not interactions.claim(interaction):
        raise InteractionOver
    if answer is None:
        accepted = _remembered(parties, consent_request)
    else:
        accepted = answer
        give_consent(parties, answer, origin)
    code = new_code()
    now = clock.now()
    grant = create_grant(
        parties,
        accepted,
        sign_in,
        code_hash=credentials.hash_of(code),
        code_expires_at=now + lifetime,
        redirect_uri=request.redirect_uri,
        redirect_uri_sent=request.redirect_uri_sent,
        code_challenge=request.code_challenge,
        code_challenge_method=request.code_challenge_method,
        nonce=request.nonce,
        dpop_jkt=request.dpop_jkt,
    )
    record(
        Tag.CODE_ISSUED,
        origin,
        application=parties.application,
        user=parties.user,
        tenant=parties.tenant,
        grant=str(grant.pk),
        scopes=list(accepted.scopes),
        remembered=answer is None,
    )
    return code


def _remembered(parties: Parties, consent_request: ConsentRequest) -> ConsentDecision:
    consent = locked_consent(parties.user, parties.application)
    everything = consent_request.everything()
    if everything is None or consent.tenant_id != parties.tenant.pk or not covers(consent, consent_request):
        raise ConsentGone
    return everything


class CodeFields(TypedDict, total=False):
    """Columns of `Grant` that only its redemption reads; a device has no code, and so only the expiry."""

    code_hash: str
    code_expires_at: int
    redirect_uri: str
    redirect_uri_sent: bool
    code_challenge: str
    code_challenge_method: str
    nonce: str
    dpop_jkt: str


def create_grant(parties: Parties, accepted: ConsentDecision, sign_in: SignIn, **code: Unpack[CodeFields]) -> Grant:
    """A new grant of what was accepted, in state `code`, to be redeemed by an authorization code or by a device."""
    grant = Grant(
        user=parties.user,
        tenant=parties.tenant,
        application=parties.application,
        scopes=accepted.scope,
        claims=accepted.claims,
        claims_request=accepted.claims_request,
        created_at=clock.now(),
        auth_time=sign_in.auth_time,
        acr=sign_in.acr,
        amr=sign_in.amr,
        sid=sign_in.sid,
        **code,
    )
    _ADDED(grant)
    return grant


_ADDED = Added(Grant)
