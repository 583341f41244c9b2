"""Giving, narrowing and ending what an application may do for a person (S18, S21)."""

import secrets
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import interactions
from varco.grants.consent_request import ConsentDecision, ConsentRequest
from varco.grants.models import Consent, Grant, Interaction
from varco.protocol import credentials
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.claims import parse_request
from varco.protocol.errors import EndReason
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.registry.models import Application
from varco.tenants.models import Tenant

TENANT_CLAIM = "tenant"


class InteractionOver(Exception):  # noqa: N818 - it is an answer, not a failure
    """The interaction was finished before, or its time is up: nothing was issued."""


class ConsentGone(Exception):  # noqa: N818 - the same
    """The remembered consent does not cover the request any more: the person has to be asked."""


class NothingToWithdraw(LookupError):  # noqa: N818 - the same
    """The person has accepted nothing of the kind."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What an ID token says about a sign-in: when (epoch seconds), how well, by which means, in which browser session."""

    auth_time: int
    acr: str = ""
    amr: str = ""
    sid: str = ""


@dataclass(frozen=True, slots=True)
class Parties:
    """Whose authorization it is: the person, the clinic they act for, and the application."""

    user: User
    tenant: Tenant
    application: Application


def covers(consent: Consent | None, ask: ConsentRequest) -> bool:
    """Whether everything asked for was accepted before, so that the person need not be asked again."""
    if consent is None or consent.withdrawn_at is not None:
        return False
    everything = ask.everything()
    return (
        everything is not None
        and set(ask.scopes) <= set(consent.scopes.split())
        and everything.groups <= set(consent.claims.split())
    )


@transaction.atomic
def issue_code(
    interaction: Interaction,
    parties: Parties,
    request: AuthorizationRequest,
    ask: ConsentRequest,
    *,
    answer: ConsentDecision | None,
    sign_in: SignIn,
    lifetime: int,
    origin: Origin,
) -> str:
    """Finish an interaction with an authorization code, and return the code's text, which is stored as a hash only.

    The code is good for `lifetime` seconds.
    `answer` is what the person said on the consent page; None goes by what they said before.
    Raises `InteractionOver`, and `ConsentGone` when there is no remembered consent that covers the request.
    """
    if not interactions.claim(interaction):
        raise InteractionOver
    if answer is None:
        given = _remembered(parties, ask)
    else:
        given = answer
        give_consent(parties, answer, origin)
    code = credentials.AUTHORIZATION_CODE + secrets.token_urlsafe(32)
    now = clock.now()
    grant = create_grant(
        parties,
        given,
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
        scopes=list(given.scopes),
        remembered=answer is None,
    )
    return code


def _remembered(parties: Parties, ask: ConsentRequest) -> ConsentDecision:
    consent = _locked_consent(parties.user, parties.application)
    everything = ask.everything()
    if everything is None or consent.tenant_id != parties.tenant.pk or not covers(consent, ask):
        raise ConsentGone
    return everything


def create_grant(parties: Parties, given: ConsentDecision, sign_in: SignIn, **fields: object) -> Grant:
    """A new grant of what was given, in state `code`; `fields` hold what is particular to the way it is redeemed."""
    return Grant.objects.create(
        user=parties.user,
        tenant=parties.tenant,
        application=parties.application,
        scopes=given.scope,
        claims=given.claims,
        claims_request=given.claims_request,
        created_at=clock.now(),
        auth_time=sign_in.auth_time,
        acr=sign_in.acr,
        amr=sign_in.amr,
        sid=sign_in.sid,
        **fields,
    )


@transaction.atomic
def give_consent(parties: Parties, answer: ConsentDecision, origin: Origin) -> Consent:
    """Remember an answer. What was accepted adds to what was accepted before; what is refused now is taken away everywhere.

    So no grant ever holds more than its consent, and "Connected applications" tells the whole truth.
    """
    Consent.objects.get_or_create(
        user=parties.user,
        application=parties.application,
        defaults={"given_at": clock.now(), "tenant": parties.tenant},
    )
    consent = _locked_consent(parties.user, parties.application)
    if consent.withdrawn_at is not None or consent.tenant_id != parties.tenant.pk:
        consent.scopes = consent.refused = consent.claims = ""
        consent.given_at, consent.withdrawn_at, consent.tenant = clock.now(), None, parties.tenant
    before = {*consent.scopes.split(), *consent.claims.split()}
    _remember(consent, answer.scopes, answer.refused, answer.groups)
    taken_away = before & set(answer.refused)
    if taken_away:
        _narrow_grants(consent, taken_away, origin)
    record(
        Tag.CONSENT_GIVEN,
        origin,
        application=parties.application,
        user=parties.user,
        tenant=parties.tenant,
        scopes=list(answer.scopes),
        refused=list(answer.refused),
        claims=sorted(answer.groups),
    )
    return consent


def _remember(consent: Consent, scopes: Iterable[str], refused: Collection[str], groups: Iterable[str]) -> None:
    """Write an answer into the consent's row."""
    accepted = [name for name in dict.fromkeys([*consent.scopes.split(), *scopes]) if name not in refused]
    kept_refused = [name for name in dict.fromkeys([*consent.refused.split(), *refused]) if name not in accepted]
    consent.scopes, consent.refused = " ".join(accepted), " ".join(kept_refused)
    consent.claims = " ".join(sorted(set(groups) | {group for group in consent.claims.split() if group not in refused}))
    consent.save()


def refuse_consent(interaction: Interaction, parties: Parties, scopes: Iterable[str], origin: Origin) -> None:
    """Finish an interaction with a refusal; what was accepted at another time stays. Raises `InteractionOver`."""
    with transaction.atomic():
        if not interactions.claim(interaction):
            raise InteractionOver
        record(
            Tag.CONSENT_REFUSED,
            origin,
            application=parties.application,
            user=parties.user,
            tenant=parties.tenant,
            scopes=list(scopes),
        )


# --- Taking back ----------------------------------------------------------------------------------------------------


def _locked_consent(user: User, application: Application) -> Consent:
    """The consent's row, held until the transaction ends. Raises `Consent.DoesNotExist`."""
    return Consent.objects.select_for_update().get(user=user, application=application)


def _live_consent(user: User, application: Application) -> Consent:
    consent = Consent.objects.select_for_update().filter(user=user, application=application, withdrawn_at=None).first()
    if consent is None:
        raise NothingToWithdraw
    return consent


def tenant_of(user: User) -> Tenant | None:
    """The clinic somebody belongs to, whatever the state of their membership."""
    return Tenant.objects.filter(memberships__user=user).first()


@transaction.atomic
def withdraw(user: User, application: Application, origin: Origin) -> int:
    """Take everything back from an application: its tokens are dead on the next request (S21). Returns the grants ended.

    Raises `NothingToWithdraw`.
    """
    consent = _live_consent(user, application)
    scopes = consent.scopes.split()
    consent.scopes = consent.refused = consent.claims = ""
    consent.withdrawn_at = clock.now()
    consent.save()
    record(
        Tag.CONSENT_WITHDRAWN,
        origin,
        application=application,
        user=user,
        tenant=tenant_of(user),
        scopes=scopes,
        whole=True,
    )
    return end_grants(Grant.objects.filter(user=user, application=application), EndReason.CONSENT_WITHDRAWN, origin)


@transaction.atomic
def withdraw_scopes(user: User, application: Application, names: Collection[str], origin: Origin) -> list[str]:
    """Take single scopes back; every grant is narrower from the next request on. Returns what was withdrawn.

    Raises `NothingToWithdraw` when none of `names` is `withdrawable`.
    """
    consent = _live_consent(user, application)
    taken = [name for name in withdrawable(consent, application) if name in names]
    if not taken:
        raise NothingToWithdraw
    _remember(consent, (), taken, ())
    record(
        Tag.CONSENT_WITHDRAWN,
        origin,
        application=application,
        user=user,
        tenant=tenant_of(user),
        scopes=taken,
        whole=False,
    )
    _narrow_grants(consent, taken, origin)
    return taken


def locked_scopes(application: Application) -> frozenset[str]:
    """Scopes that cannot be withdrawn one by one: the sign-in itself, and what the application needs to work at all."""
    revision = application.live_revision
    listed = revision.scopes if revision else []
    return frozenset({OPENID, *(scope["name"] for scope in listed if scope.get("required"))})


def withdrawable(consent: Consent, application: Application) -> list[str]:
    """What can be withdrawn by itself: accepted scopes, and claim groups that were accepted without their scope."""
    locked = locked_scopes(application) | {TENANT_CLAIM}
    accepted = dict.fromkeys([*consent.scopes.split(), *consent.claims.split()])
    return [name for name in accepted if name not in locked]


def _narrow_grants(consent: Consent, taken: Collection[str], origin: Origin) -> None:
    """Take scopes, and the claims that came with them, out of every grant of this person and application."""
    grants = Grant.objects.select_for_update().filter(user_id=consent.user_id, application_id=consent.application_id)
    for grant in grants.exclude(state=Grant.State.ENDED).order_by("pk"):
        kept = [name for name in grant.scopes.split() if name not in taken]
        if not kept:
            end_grants(Grant.objects.filter(pk=grant.pk), EndReason.CONSENT_WITHDRAWN, origin)
            continue
        groups = [group for group in grant.claims.split() if group not in taken]
        grant.scopes, grant.claims = " ".join(kept), " ".join(groups)
        grant.claims_request = parse_request(grant.claims_request, groups)
        if OFFLINE_ACCESS in taken and grant.rid is not None:
            # Without its `rid` no refresh token finds the grant again; the access token of now lives out its minutes.
            grant.rid, grant.n = None, 0
            grant.expires_at = min(grant.expires_at, clock.now() + settings.VARCO.access_token_lifetime)
        grant.save(update_fields=["scopes", "claims", "claims_request", "rid", "n", "expires_at"])


def end_grants(grants: QuerySet[Grant], reason: EndReason, origin: Origin) -> int:
    """End every grant of `grants` that is not over yet, and return how many that were.

    Call it with whatever is to be dead: a user's, an application's, a tenant's.
    """
    with transaction.atomic():
        # Always in the same order, so that two acts on the same grants wait for each other and never both.
        found = grants.exclude(state=Grant.State.ENDED).select_related("user", "application", "tenant").order_by("pk")
        ended = 0
        for grant in found:
            changed = (
                Grant.objects.filter(pk=grant.pk)
                .exclude(state=Grant.State.ENDED)
                .update(state=Grant.State.ENDED, ended_at=clock.now(), end_reason=reason)
            )
            if not changed:
                continue
            ended += 1
            record(
                Tag.GRANT_ENDED,
                origin,
                application=grant.application,
                user=grant.user,
                tenant=grant.tenant,
                grant=str(grant.pk),
                reason=reason,
            )
    return ended
