"""Remembering what people accept and refuse, and taking it back (S18, S21)."""

from collections.abc import Collection, Iterable
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.compiled import Compiled
from varco.grants import interactions
from varco.grants.consent_request import ConsentDecision, ConsentRequest
from varco.grants.models import Consent, Grant, Interaction
from varco.grants.parties import Parties
from varco.grants.services.ending import end_grants, narrow_grants
from varco.protocol.errors import EndReason
from varco.protocol.scope import OPENID
from varco.registry.models import Application
from varco.tenants.queries import tenant_of

TENANT_CLAIM = "tenant"


class InteractionOver(Exception):  # noqa: N818 - it is an answer, not a failure
    """The interaction was finished before, or its time is up: nothing was issued."""


class NothingToWithdraw(LookupError):  # noqa: N818 - it is an answer, not a failure
    """The person has accepted nothing of the kind."""


def covers(consent: Consent | None, consent_request: ConsentRequest) -> bool:
    """Whether everything asked for was accepted before, so that the person need not be asked again."""
    if consent is None or consent.withdrawn_at is not None:
        return False
    return consent_request.remembered(consent.scopes, consent.claims) is not None


@transaction.atomic(savepoint=False)
def give_consent(parties: Parties, answer: ConsentDecision, origin: Origin) -> Consent:
    """Remember an answer. What was accepted adds to what was accepted before; what is refused now is taken away everywhere.

    So no grant ever holds more than its consent, and "Connected applications" tells the whole truth.
    """
    first = Consent(user=parties.user, application=parties.application, tenant=parties.tenant, given_at=clock.now())
    Consent.objects.bulk_create([first], ignore_conflicts=True)
    consent = locked_consent(parties.user, parties.application)
    if consent.withdrawn_at is not None or consent.tenant_id != parties.tenant.pk:
        consent.scopes = consent.refused = consent.claims = ""
        consent.given_at, consent.withdrawn_at, consent.tenant = clock.now(), None, parties.tenant
    before = {*consent.scopes.split(), *consent.claims.split()}
    _remember(consent, answer.scopes, answer.refused, answer.groups)
    taken_away = before & set(answer.refused)
    if taken_away:
        narrow_grants(consent, taken_away, origin)
    live = parties.application.live_revision
    by_itself: dict[str, Any] = {"by_itself": True} if live and live.acts_by_itself else {}
    record(
        Tag.CONSENT_GIVEN,
        origin,
        application=parties.application,
        user=parties.user,
        tenant=parties.tenant,
        scopes=list(answer.scopes),
        refused=list(answer.refused),
        claims=sorted(answer.groups),
        **by_itself,
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


def locked_consent(user: User, application: Application) -> Consent:
    """The consent's row, held until the transaction ends. Raises `Consent.DoesNotExist`."""
    found = _LOCKED.only(user=user.pk, application=application.pk)
    if found is None:
        raise Consent.DoesNotExist
    return found


_LOCKED = Compiled(
    lambda user, application: Consent.objects.select_for_update().filter(user=user, application=application),
    user=BigIntegerField(),
    application=BigIntegerField(),
)


def _live_consent(user: User, application: Application) -> Consent:
    consent = Consent.objects.select_for_update().filter(user=user, application=application, withdrawn_at=None).first()
    if consent is None:
        raise NothingToWithdraw
    return consent


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
    narrow_grants(consent, taken, origin)
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
