"""What the end of a browser session means to the applications that were used in it (OpenID Connect Back-Channel Logout 1.0).

Who ends a session calls this in the same transaction. Applications that were given an ID token in it are to be told (§2.5),
once: a grant forgets the session (`sid`) that is over. What lived by the session ends with it, and what was given for the
time without the person (`offline_access`) goes on (§2.7).
"""

import secrets
from collections.abc import Sequence

from django.db import transaction
from django.db.models import Q, QuerySet

from varco import clock
from varco.accounts.models import User
from varco.accounts.services import end_unfinished_sign_ins
from varco.audit.services import Origin
from varco.grants import signalling
from varco.grants.models import Grant, LogoutNotice
from varco.grants.services import end_grants, end_grants_of
from varco.protocol.errors import EndReason
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.registry.models import Application

REMEMBERED = 30 * 86400
"""Seconds after its last token in which an application is told: its own session will not have lasted longer (§2.3)."""


def session_over(user: User, sid: str, origin: Origin) -> int:
    """One browser session of somebody is over. Returns how many applications are to be told."""
    return _over(Grant.objects.filter(user=user, sid=sid), origin) if sid else 0


@transaction.atomic
def sessions_over(user: User, origin: Origin, *, kept: str = "") -> int:
    """Every session of somebody is over but `kept` (a `sid`), those included that expired unnoticed. Returns as `session_over`.

    A sign-in that still waits at its second step is over with them.
    """
    end_unfinished_sign_ins(user)
    return _over(Grant.objects.filter(user=user, sid__gt="").exclude(sid=kept), origin, whole=not kept)


@transaction.atomic
def person_over(user: User, origin: Origin, reason: EndReason) -> int:
    """Somebody is over altogether: sessions, sign-ins and grants end, and every application that acts for them is told.

    Where the session of a grant was over before, the application is told of the person alone, which means all their
    sessions there (§2.4). Returns how many grants ended.
    """
    living = Grant.objects.filter(user=user, sid="", state=Grant.State.ACTIVE, expires_at__gt=clock.now())
    silent = list(living.select_related("application__live_revision", "user").order_by("pk"))
    notices = {
        grant.application_id: _notice(grant, origin)
        for grant in silent
        if _has_id_token(grant) and logout_uri(grant.application)
    }
    end_unfinished_sign_ins(user)
    _over(Grant.objects.filter(user=user, sid__gt=""), origin, whole=True, silent=silent)
    LogoutNotice.objects.bulk_create(notices.values())
    return end_grants_of(user, reason, origin)


@transaction.atomic
def _over(grants: QuerySet[Grant], origin: Origin, *, whole: bool = False, silent: Sequence[Grant] = ()) -> int:
    """`whole`: these are all the sessions that somebody has; `silent` are grants whose session was over before."""
    now = clock.now()
    grants = grants.filter(Q(state=Grant.State.CODE) | Q(last_used_at__gt=now - REMEMBERED))
    # Locked, so that a code is either redeemed before, and its application told, or never.
    locked = grants.select_for_update(of=("self",)).select_related("application__live_revision", "user").order_by("pk")
    found = list(locked)
    signalling.sessions_revoked([*found, *silent], origin, whole=whole)
    notices = {
        (grant.application_id, grant.sid): _notice(grant, origin)
        for grant in found
        if _has_id_token(grant) and logout_uri(grant.application)
    }
    LogoutNotice.objects.bulk_create(notices.values())
    ending = [grant.pk for grant in found if _ends(grant, now)]
    end_grants(Grant.objects.filter(pk__in=ending), EndReason.SESSION_ENDED, origin)
    Grant.objects.filter(pk__in=[grant.pk for grant in found]).update(sid="")
    return len(notices)


def _notice(grant: Grant, origin: Origin) -> LogoutNotice:
    return LogoutNotice(
        application_id=grant.application_id,
        user_id=grant.user_id,
        tenant_id=grant.tenant_id,
        sid=grant.sid,
        request_id=origin.request_id or secrets.token_hex(8),
    )


def logout_uri(application: Application) -> str:
    """Where an application is told: by the revision in force, and only while it is in force itself (S13, S16)."""
    if application.state != Application.State.ACTIVE or application.live_revision is None:
        return ""
    return application.live_revision.backchannel_logout_uri


def _has_id_token(grant: Grant) -> bool:
    """Whether the application was ever given an ID token of this grant; that it has ended since changes nothing at its side."""
    return grant.last_used_at > 0 and OPENID in grant.scopes.split()


def _ends(grant: Grant, now: int) -> bool:
    """Whether a grant ends with its session: without offline access (§2.7), and with a code that nobody has redeemed."""
    if grant.state == Grant.State.CODE:
        return True
    return grant.expires_at > now and OFFLINE_ACCESS not in grant.scopes.split()
