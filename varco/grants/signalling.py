"""What the end of sessions, grants and accounts means to the applications that have a stream (Shared Signals Framework 1.0).

An application hears of people who gave it access at their clinic and were issued a token for it, and of nobody else. It is told
in the transaction of the act: sessions are over (CAEP session-revoked), what it may do has changed (token-claims-change), a person
can use it no more, or again (RISC account-disabled, account-enabled).
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q

from varco import clock
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.grants.models import Consent, Grant
from varco.protocol.scope import OPENID
from varco.protocol.signals.events import Kind, claims_of_scope
from varco.signals.causes import About, entity, listening, tell
from varco.tenants import queries as tenants


def sessions_revoked(grants: Iterable[Grant], origin: Origin, *, whole: bool) -> None:
    """Sessions are over that these grants began in. `whole`: every session of each person, so no single one is named.

    An application whose consent was withdrawn has been told so, and hears of the person no more.
    """
    signed_in = [grant for grant in grants if grant.last_used_at > 0 and OPENID in grant.scopes.split()]
    listeners = listening({grant.application_id for grant in signed_in}, Kind.SESSION_REVOKED) if signed_in else {}
    if not listeners:
        return
    people = {grant.user_id: grant.user.public_id for grant in signed_in}
    standing = Consent.objects.filter(user__in=people, application__in=listeners, withdrawn_at=None)
    pairs = set(standing.values_list("application_id", "user_id"))
    told = (
        About(grant.application_id, sub, "" if whole else grant.sid, entity(origin, sub))
        for grant in signed_in
        if (grant.application_id, grant.user_id) in pairs
        for sub in [people[grant.user_id]]
    )
    tell(Kind.SESSION_REVOKED, told, origin)


class Reach(NamedTuple):
    """What an application may do for a person, by all that lives."""

    application_id: int
    user_id: int
    sub: str
    scopes: frozenset[str]


def reach(grants: Sequence[Grant]) -> list[Reach]:
    """What the applications of these grants may do for their people now, of those that listen; ask before the change."""
    used = [grant for grant in grants if grant.last_used_at > 0]
    listeners = listening({grant.application_id for grant in used}, Kind.TOKEN_CLAIMS_CHANGE) if used else {}
    people = {
        (grant.application_id, grant.user_id): grant.user.public_id
        for grant in used
        if grant.application_id in listeners
    }
    return [Reach(*pair, sub, _living_scopes(*pair)) for pair, sub in people.items()]


def reach_changed(before: Iterable[Reach], origin: Origin) -> None:
    """Tell those whose reach is another one after the change."""
    told = []
    for item in before:
        now = _living_scopes(item.application_id, item.user_id)
        if now != item.scopes:
            detail = claims_of_scope(" ".join(sorted(now))) | entity(origin, item.sub)
            told.append(About(item.application_id, item.sub, detail=detail))
    tell(Kind.TOKEN_CLAIMS_CHANGE, told, origin)


def _living_scopes(application_id: int, user_id: int) -> frozenset[str]:
    living = Grant.objects.filter(
        application_id=application_id, user_id=user_id, state=Grant.State.ACTIVE, expires_at__gt=clock.now()
    )
    return frozenset(name for scopes in living.values_list("scopes", flat=True) for name in scopes.split())


def access_closing(user: User, origin: Origin) -> None:
    """Somebody is about to be able to use nothing at their clinic any more; call it before that is written."""
    tell(Kind.ACCOUNT_DISABLED, [About(key, user.public_id) for key in _open_to(user)], origin)


def access_opened(user: User, origin: Origin) -> None:
    """Somebody can use again what they have accepted at their clinic; call it after that was written."""
    tell(Kind.ACCOUNT_ENABLED, [About(key, user.public_id) for key in _open_to(user)], origin)


def _open_to(user: User) -> list[int]:
    """The applications somebody has accepted at their clinic and used, if they may use anything there now."""
    membership = tenants.membership_of(user)
    if not user.is_active or membership is None or not membership.active:
        return []
    used = Grant.objects.filter(user=user, application=OuterRef("application"), last_used_at__gt=0)
    standing = Consent.objects.filter(Exists(used), user=user, withdrawn_at=None)
    return list(
        standing.filter(Q(tenant=membership.tenant_id) | Q(tenant=None)).values_list("application_id", flat=True)
    )
