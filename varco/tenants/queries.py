"""Reading who may do what for a clinic."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import BigIntegerField, Count, Expression, OuterRef, Q, QuerySet
from django.db.models.functions import Lower

from varco import catalog, clock
from varco.accounts.models import User
from varco.compiled import Compiled
from varco.databases import only
from varco.searching import containing
from varco.tenants.models import MemberInvitation, Membership, Tenant


def by_public_id(public_id: str) -> Tenant | None:
    """The clinic with this public id; None for a closed one too."""
    if "\0" in public_id:
        return None
    return Tenant.objects.exclude(state=Tenant.State.CLOSED).filter(public_id=public_id).first()


def sandboxes_of(people: Q, made: Iterable[QuerySet[Any, Any]] = ()) -> QuerySet[Tenant]:
    """The sandboxes that some people belong to now; who is there until a date is a guest, to whom it does not belong.

    `people` is a condition on their memberships; `made` finds keys of clinics that are theirs besides.
    """
    own = Membership.objects.filter(people, user__is_active=True, active=True, expires_at=None)
    theirs = Q(pk__in=own.values("tenant"))
    for keys in made:
        theirs |= Q(pk__in=keys)
    return Tenant.objects.filter(theirs, kind=Tenant.Kind.SANDBOX)


def with_keys(keys: Iterable[int]) -> dict[int, Tenant]:
    """Some clinics by their keys, whatever their state."""
    return Tenant.objects.in_bulk(list(keys))


def bound_to(application_id: int) -> QuerySet[Membership]:
    """Who acts for a clinic with one application alone (S25), now."""
    return _current().filter(only_application=application_id)


def everything() -> QuerySet[Tenant]:
    """Every clinic, whatever its state, by name."""
    return Tenant.objects.order_by("name", "pk")


def of_any_state(public_id: str) -> Tenant | None:
    """The clinic with this public id, a closed one too."""
    return None if "\0" in public_id else Tenant.objects.filter(public_id=public_id).first()


def memberships(tenant: Tenant | None = None) -> QuerySet[Membership]:
    """Every membership of a clinic, or of all, whatever its state, by address."""
    found = Membership.objects.select_related("tenant", "user").order_by("user__email")
    return found.filter(tenant=tenant) if tenant else found


def members(tenant: Tenant) -> QuerySet[Membership]:
    """Who works for a clinic now: switched on, not past their date, with an account that may sign in."""
    return _current().filter(tenant=tenant)


def member_now(tenant: OuterRef, user: OuterRef) -> QuerySet[Membership]:
    """That a person works for a clinic now, as a query that is a part of another one."""
    return _current().filter(tenant=tenant, user=user)


def role_now(user: User) -> str:
    """The role of a person in their clinic; empty without one, and while the membership or the clinic itself is not active."""
    membership = _at_work(user)
    return membership.role if membership else ""


def managed_by(user: User) -> Tenant | None:
    """The clinic a person manages; None without one, and while the membership or the clinic itself is not active."""
    membership = _at_work(user)
    return membership.tenant if membership and membership.role in catalog.current().managers else None


def member_by_email(tenant: Tenant, email: str) -> User | None:
    """Who of a clinic has this address; None for nobody, and for somebody of another one."""
    membership = members(tenant).filter(user__email=email).select_related("user").first()
    return membership.user if membership else None


def records_of(user: User) -> Tenant | None:
    """The clinic whose access records a person reads; None without one, as for `managed_by`."""
    found = _current().filter(user=user, role__in=catalog.current().record_readers, tenant__state=Tenant.State.ACTIVE)
    membership = found.select_related("tenant").first()
    return membership.tenant if membership else None


def membership_of(user: User) -> Membership | None:
    """The membership of a person with its clinic, whatever the state of either."""
    return _MEMBERSHIP.only(user=user.pk)


def membership_by(user: User | Expression) -> QuerySet[Membership]:
    """`membership_of` as a query, also of a person who is a part of another query."""
    return Membership.objects.select_related("tenant").filter(user=user)


# Where roles demand a second factor, every page of somebody signed in asks for it.
_MEMBERSHIP = Compiled(membership_by, user=BigIntegerField())


def memberships_of(users: Iterable[User]) -> QuerySet[Membership]:
    """The memberships of several people with their clinics, whatever the state of either."""
    return Membership.objects.select_related("tenant").filter(user__in=list(users))


def tenant_of(user: User) -> Tenant | None:
    """The clinic somebody belongs to, whatever the state of their membership."""
    return only(Tenant.objects.filter(memberships__user=user))


def search(words: str = "", state: str = "", kind: str = "") -> QuerySet[Tenant]:
    """Clinics by parts of their name or id, and by state and kind where given, by name."""
    found = containing(Tenant.objects.order_by(Lower("name"), "pk"), words, "name", "public_id")
    wanted = {"state": state, "kind": kind}
    return found.filter(**{name: value for name, value in wanted.items() if value})


def search_members(tenant: Tenant, words: str = "") -> QuerySet[Membership]:
    """Everybody of a clinic, whatever their state, by family name; words narrow it by name and address."""
    found = Membership.objects.filter(tenant=tenant).select_related("user")
    found = containing(found, words, "user__given_name", "user__family_name", "user__email")
    return found.order_by("-active", Lower("user__family_name"), Lower("user__given_name"), "pk")


def members_with(tenant: Tenant, email: str) -> bool:
    """Whether an address is that of somebody of a clinic, whatever the state of their membership."""
    return Membership.objects.filter(tenant=tenant, user__email=email).exists()


def member(tenant: Tenant, subject: str) -> Membership | None:
    """Somebody of a clinic by their `sub`, whatever the state of their membership."""
    return only(Membership.objects.select_related("user", "tenant").filter(tenant=tenant, user__public_id=subject))


def stamp(membership: Membership) -> str:
    """What a page that changes a member was made from: another stamp now, and it is out of date."""
    seen = f"{membership.tenant_id}|{membership.role}|{membership.permissions}|{membership.active}"
    return hashlib.sha256(seen.encode()).hexdigest()[:32]


def managers(tenant: Tenant) -> QuerySet[Membership]:
    """Who answers for a clinic now."""
    return members(tenant).filter(role__in=catalog.current().managers).select_related("user")


def people_managing(tenant: Tenant) -> list[User]:
    """Who manages a clinic now, by address; nobody while the clinic itself is not active."""
    if tenant.state != Tenant.State.ACTIVE:
        return []
    return [membership.user for membership in managers(tenant).order_by("user__email")]


def log_readers(tenant: Tenant) -> QuerySet[Membership]:
    """The data protection officers of a clinic who have an account."""
    return members(tenant).filter(role__in=catalog.current().log_readers).select_related("user")


def managed_by_many(users: Iterable[User]) -> set[int]:
    """Which of several people (by key) answer for a clinic now."""
    found = _current().filter(user__in=list(users), role__in=catalog.current().managers)
    return set(found.values_list("user_id", flat=True))


def locked_with_managers(tenant: Tenant, user: User) -> list[Membership]:
    """The membership of somebody at a clinic and those of its managers, locked until the transaction ends, in one order."""
    wanted = Q(user=user) | Q(role__in=catalog.current().managers)
    found = Membership.objects.select_for_update(of=("self",)).filter(wanted, tenant=tenant)
    return list(found.select_related("user").order_by("pk"))


def locked(tenant: Tenant) -> Tenant | None:
    """The clinic as it stands now, locked until the transaction ends."""
    return Tenant.objects.select_for_update().filter(pk=tenant.pk).first()


def sizes(tenants: Iterable[Tenant]) -> Mapping[int, tuple[int, int]]:
    """How many people and how many managers some clinics have now, by key; one statement for all of them."""
    manages = Q(role__in=catalog.current().managers)
    rows = _current().filter(tenant__in=[tenant.pk for tenant in tenants]).values("tenant").order_by()
    counted = rows.annotate(people=Count("pk"), managers=Count("pk", filter=manages))
    return {row["tenant"]: (row["people"], row["managers"]) for row in counted}


def invitations(tenant: Tenant) -> QuerySet[MemberInvitation]:
    """The links to join a clinic that nobody has used, the newest first."""
    return MemberInvitation.objects.filter(tenant=tenant).select_related("invited_by").order_by("-created_at", "-pk")


def invitation(tenant: Tenant, pk: int) -> MemberInvitation | None:
    """One of them."""
    return invitations(tenant).filter(pk=pk).first()


def invitation_to(tenant: Tenant, email: str) -> MemberInvitation | None:
    """The one to an address."""
    return invitations(tenant).filter(email=email).first()


def invited(digest: str) -> MemberInvitation | None:
    """The invitation whose secret has this hash, while it lasts and its clinic is not closed."""
    found = MemberInvitation.objects.filter(digest=digest, expires_at__gt=clock.now())
    return found.exclude(tenant__state=Tenant.State.CLOSED).select_related("tenant", "invited_by").first()


def _current(moment: int | Expression | None = None) -> QuerySet[Membership]:
    not_over = Q(expires_at=None) | Q(expires_at__gt=clock.now() if moment is None else moment)
    return Membership.objects.filter(not_over, active=True, user__is_active=True)


def _at_work(user: User) -> Membership | None:
    """The membership of a person in an active clinic, with it, while it holds; asked on every page of somebody signed in."""
    return _AT_WORK.only(user=user.pk, moment=clock.now()) if user.pk else None


_AT_WORK = Compiled(
    lambda user, moment: _current(moment).filter(user=user, tenant__state=Tenant.State.ACTIVE).select_related("tenant"),
    user=BigIntegerField(),
    moment=BigIntegerField(),
)
