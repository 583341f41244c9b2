"""Ending grants, and taking single scopes out of them (S21)."""

from collections.abc import Collection

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import signalling
from varco.grants.models import Consent, Grant
from varco.protocol.claims import parse_request
from varco.protocol.errors import EndReason
from varco.protocol.scope import OFFLINE_ACCESS
from varco.tenants.models import Tenant


def narrow_grants(consent: Consent, taken: Collection[str], origin: Origin) -> None:
    """Take scopes, and the claims that came with them, out of every grant of this person and application."""
    grants = Grant.objects.select_for_update(of=("self",)).filter(
        user_id=consent.user_id, application_id=consent.application_id
    )
    found = list(grants.exclude(state=Grant.State.ENDED).select_related("user", "application", "tenant").order_by("pk"))
    before = signalling.reach(found)
    for grant in found:
        kept = [name for name in grant.scopes.split() if name not in taken]
        if not kept:
            _end(grant, EndReason.CONSENT_WITHDRAWN, origin)
            continue
        groups = [group for group in grant.claims.split() if group not in taken]
        grant.scopes, grant.claims = " ".join(kept), " ".join(groups)
        grant.claims_request = parse_request(grant.claims_request, groups)
        if OFFLINE_ACCESS in taken and grant.rid is not None:
            # Without its `rid` no refresh token finds the grant again; the access token of now lives out its minutes.
            grant.rid, grant.n = None, 0
            grant.expires_at = min(grant.expires_at, clock.now() + settings.VARCO.access_token_lifetime)
        grant.save(update_fields=["scopes", "claims", "claims_request", "rid", "n", "expires_at"])
    signalling.reach_changed(before, origin)


def end_grants_of(user: User, reason: EndReason, origin: Origin, *, tenant: Tenant | None = None) -> int:
    """End what somebody has granted, everywhere or for one clinic, and return how many grants that were."""
    grants = Grant.objects.filter(user=user)
    return end_grants(grants.filter(tenant=tenant) if tenant else grants, reason, origin)


def end_grants_at(tenant: Tenant, reason: EndReason, origin: Origin) -> int:
    """End what everybody has granted for one clinic, and return how many grants that were."""
    return end_grants(Grant.objects.filter(tenant=tenant), reason, origin)


def end_grants(grants: QuerySet[Grant], reason: EndReason, origin: Origin) -> int:
    """End every grant of `grants` that is not over yet, and return how many that were.

    Call it with whatever is to be dead: a user's, an application's, a tenant's.
    """
    with transaction.atomic():
        # Always in the same order, so that two acts on the same grants wait for each other and never both.
        living = grants.exclude(state=Grant.State.ENDED).select_related("user", "application", "tenant").order_by("pk")
        found = list(living)
        before = signalling.reach(found)
        ended = sum(_end(grant, reason, origin) for grant in found)
        signalling.reach_changed(before, origin)
    return ended


def _end(grant: Grant, reason: EndReason, origin: Origin) -> bool:
    """End a grant, if nobody has meanwhile, with its record."""
    living = Grant.objects.filter(pk=grant.pk).exclude(state=Grant.State.ENDED)
    if not living.update(state=Grant.State.ENDED, ended_at=clock.now(), end_reason=reason):
        return False
    record(
        Tag.GRANT_ENDED,
        origin,
        application=grant.application,
        user=grant.user,
        tenant=grant.tenant,
        grant=str(grant.pk),
        reason=reason,
    )
    return True
