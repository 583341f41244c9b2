"""Every combination of what eligibility looks at, in rows: the gate's SQL and the portal's ORM say what the one rule says.

A person for each account, membership and state of their medical centre; an application for each state and both lists (S19);
a grant of each to each.
"""

import asyncio
import datetime as dt
import itertools
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session

from tests.store.conftest import settings_of
from tests.support import people
from tests.support.protocol_records import client
from varco import clock
from varco.accounts.models import User
from varco.gate.records import grant_record, remembered_facts
from varco.gate.store import Database, Statement, Stores
from varco.gate.store.sql.authorization import ADD_CODE, REMEMBERED
from varco.gate.store.sql.grants import CLAIM_CODE, FORWARD, GRANT_OF_CODE, LIVENESS, ROTATE
from varco.grants import queries
from varco.grants.models import Consent, Grant
from varco.protocol.eligibility import EligibilityFacts, Ineligible, eligibility
from varco.registry.models import AllowedTenant, Application, BlockedApplication
from varco.tenants.models import Membership, Tenant
from varco.tenants.queries import managed_by, members

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

NOW = 1_800_000_000
POLICY = {Ineligible.APPLICATION_BLOCKED, Ineligible.TENANT_NOT_LISTED, Ineligible.OUTSIDE_SANDBOXES}
STATES = ("active", "suspended", "closed")
ENDS = {
    "inactive": None,
    "endless": None,
    "bound": None,
    "ended": NOW - 1,
    "ends now": NOW,
    "ends soon": NOW + 1,
    "elsewhere": None,
}


@dataclass(frozen=True)
class Person:
    """Somebody with a grant for `tenant`; their membership is there, or `elsewhere`, or `none`."""

    user: User
    active: bool
    membership: str
    tenant: Tenant


@dataclass(frozen=True)
class Listed:
    """An application in a state, and at which medical centres both lists have it: `none`, `this` ones, or the `other`."""

    application: Application
    in_force: bool
    blocked: str
    allowed: str
    locked: bool = False


class World:
    """The rows, and the facts they stand for."""

    def __init__(self) -> None:
        self.tenants = [people.tenant(state) for state in STATES]
        for tenant, state in zip(self.tenants, STATES, strict=True):
            Tenant.objects.filter(pk=tenant.pk).update(state=state)
        self.tenants = list(Tenant.objects.order_by("pk"))
        self.other = people.tenant("Other")
        # The one application that a bound membership is for: the first of `applications`, which makes it.
        self.only = people.application(people.person("Dora", "Developer")).application
        self.people = [self._person(*row) for row in itertools.product((True, False), ("none", *ENDS), self.tenants)]
        developer = people.davide()
        states = (("active", True), ("suspended", True), ("retired", True), ("active", False))
        listed = itertools.product(states, ("none", "this", "other"), ("none", "this", "other"))
        self.applications = [self._application(developer, *row) for row in listed]
        # Whose sandboxes a lock means, `test_sandbox_lock` tries; here it means none.
        locked = people.application(developer, sandboxes_only=True).application
        self.applications.append(Listed(locked, in_force=True, blocked="none", allowed="none", locked=True))
        self.pairs = list(itertools.product(self.people, self.applications))
        self.grants = Grant.objects.bulk_create(
            Grant(
                user=person.user,
                application=listed.application,
                tenant=person.tenant,
                scopes="openid",
                code_hash=f"code-{number}",
                code_expires_at=NOW + 60,
                expires_at=NOW + 60,
            )
            for number, (person, listed) in enumerate(self.pairs)
        )

    def _person(self, active: bool, membership: str, tenant: Tenant) -> Person:
        user = User.objects.create(email=f"{active}.{membership}.{tenant.pk}@x.example", is_active=active)
        if membership != "none":
            Membership.objects.create(
                user=user,
                tenant=self.other if membership == "elsewhere" else tenant,
                role="manager",
                active=membership != "inactive",
                expires_at=ENDS[membership],
                only_application=self.only if membership == "bound" else None,
            )
        return Person(user, active, membership, tenant)

    def _application(self, developer: User, state: tuple[str, bool], blocked: str, allowed: str) -> Listed:
        first = (state, blocked, allowed) == (("active", True), "none", "none")
        application = self.only if first else people.application(developer).application
        application.state, live = state
        if not live:
            application.live_revision = None
        application.save()
        tenants = {"none": [], "this": self.tenants, "other": [self.other]}
        for tenant in tenants[blocked]:
            BlockedApplication.objects.create(tenant=tenant, application=application, blocked_by=developer)
        for tenant in tenants[allowed]:
            AllowedTenant.objects.create(application=application, tenant=tenant)
        return Listed(application, state == ("active", True), blocked, allowed)

    def facts(self, person: Person, listed: Listed, tenant: Tenant, **changes: Any) -> EligibilityFacts:
        """What is known of a person who acts for a tenant."""
        at_home = {"none": None, "elsewhere": self.other.pk}.get(person.membership, person.tenant.pk)
        here = "other" if tenant == self.other else "this"
        facts = {
            "in_force": listed.in_force,
            "user_active": person.active,
            "tenant_id": tenant.pk,
            "membership_tenant_id": at_home,
            "membership_active": person.membership != "inactive",
            "membership_expires_at": ENDS.get(person.membership),
            "membership_application_id": self.only.pk if person.membership == "bound" else None,
            "application_id": listed.application.pk,
            "tenant_state": tenant.state,
            "blocked": listed.blocked == here,
            "listed": listed.allowed in {"none", here},
            "within_lock": not listed.locked,
        }
        return EligibilityFacts(**(facts | changes))

    def expected(self, **changes: Any) -> list[Ineligible | None]:
        """What the rule says of each grant."""
        return [eligibility(self.facts(*pair, pair[0].tenant, **changes), NOW) for pair in self.pairs]


@pytest.fixture
def world(transactional_db: None, frozen: Any) -> World:
    assert clock.now() == NOW
    return World()


Questions = Callable[[Database], Iterable[Awaitable[Any]]]


def ask(database_urls: dict[str, str], questions: Questions) -> list[Any]:
    """Open the gate's store and ask it everything, a hundred questions at a time."""

    async def answers() -> list[Any]:
        stores = Stores(settings_of(database_urls))
        await stores.open()
        try:
            found: list[Any] = []
            waiting = iter(questions(stores.platform))
            while some := list(itertools.islice(waiting, 100)):
                found += await asyncio.gather(*some)
            return found
        finally:
            await stores.close()

    return asyncio.run(answers())


def test_the_table_has_every_reason_and_none(world: World) -> None:
    assert set(world.expected()) == {*Ineligible, None}


def test_a_code_is_redeemed_by_the_rule(world: World, database_urls: dict[str, str]) -> None:
    codes = [f"code-{number}" for number in range(len(world.pairs))]

    def read(store: Database) -> Iterable[Awaitable[Any]]:
        for code in codes:
            yield store.one(GRANT_OF_CODE(code_hash=code))

    rows = ask(database_urls, read)
    # The row tells nothing of the application: that it is in force, its version proves to the exchange.
    expected = world.expected(in_force=True)
    assert [eligibility(grant_record(row).facts, NOW) for row in rows if row] == expected

    def claim(store: Database) -> Iterable[Awaitable[Any]]:
        for grant, (_person, listed) in zip(world.grants, world.pairs, strict=True):
            yield store.write(
                CLAIM_CODE(
                    id=grant.pk,
                    now=NOW,
                    application_id=listed.application.pk,
                    version=listed.application.version,
                    rid=f"{grant.pk:x}",
                    n=1,
                    now_ms=NOW * 1000,
                    idle_expires_at=NOW + 60,
                    expires_at=NOW + 60,
                    dpop_jkt="",
                    scopes="openid",
                    claims="",
                )
            )

    claimed = [row is not None for row in ask(database_urls, claim)]
    assert claimed == [reason is None for reason in world.expected()]


def test_what_was_accepted_before_gives_a_code_by_the_rule(world: World, database_urls: dict[str, str]) -> None:
    consents = Consent.objects.bulk_create(
        Consent(user=person.user, application=listed.application, tenant=person.tenant, scopes="openid")
        for person, listed in world.pairs
    )
    later = dt.datetime.now(dt.UTC) + dt.timedelta(hours=1)
    keys = {person.user.pk: f"session of {person.user.pk}" for person in world.people}
    Session.objects.bulk_create(Session(session_key=key, expire_date=later) for key in keys.values())
    UserSession.objects.bulk_create(
        UserSession(user_id=user, session_key=key, ip="192.0.2.7") for user, key in keys.items()
    )

    def read(store: Database) -> Iterable[Awaitable[Any]]:
        for person, listed in world.pairs:
            yield store.one(REMEMBERED(session_key=keys[person.user.pk], application_id=listed.application.pk))

    rows = ask(database_urls, read)
    # Where the membership is another one than the consent was given for, nothing is found; in force is what the client says.
    for row, (person, listed), reason in zip(rows, world.pairs, world.expected(in_force=True), strict=True):
        registered = client(application_id=listed.application.pk)
        found = eligibility(remembered_facts(row, registered), NOW) if row else None
        assert (row is None) == (person.membership in {"none", "elsewhere"})
        assert row is None or found is reason, (person, listed)

    def add(store: Database) -> Iterable[Awaitable[Any]]:
        for number, (consent, (person, listed)) in enumerate(zip(consents, world.pairs, strict=True)):
            texts = dict.fromkeys(
                ("redirect_uri", "code_challenge", "code_challenge_method", "nonce", "acr", "amr", "sid", "dpop_jkt"),
                "",
            )
            yield store.write(
                ADD_CODE(
                    id=number + 1,
                    session_key=keys[person.user.pk],
                    consent_id=consent.pk,
                    consent_scopes="openid",
                    consent_claims="",
                    tenant_id=person.tenant.pk,
                    application_id=listed.application.pk,
                    version=listed.application.version,
                    scopes="openid",
                    claims="",
                    claims_request="",
                    now=NOW,
                    code_hash=f"added-{number}",
                    code_expires_at=NOW + 60,
                    redirect_uri_sent=True,
                    auth_time=NOW,
                    **texts,
                )
            )

    given = [row is not None for row in ask(database_urls, add)]
    assert given == [reason is None for reason in world.expected()]


@pytest.mark.parametrize(("statement", "numbers"), [(ROTATE, {"n": 1}), (FORWARD, {"n": 7, "next_n": 8})])
def test_a_refresh_token_is_rotated_or_taken_forward_by_the_rule(
    world: World, database_urls: dict[str, str], statement: Statement[Any], numbers: dict[str, int]
) -> None:
    for grant in world.grants:
        grant.state, grant.rid, grant.n, grant.idle_expires_at = Grant.State.ACTIVE, f"{grant.pk:x}", 1, NOW + 60
    Grant.objects.bulk_update(world.grants, ["state", "rid", "n", "idle_expires_at"])

    def rotate(store: Database) -> Iterable[Awaitable[Any]]:
        for grant, (_person, listed) in zip(world.grants, world.pairs, strict=True):
            yield store.write(
                statement(
                    rid=grant.rid,
                    **numbers,
                    idle_expires_at=NOW + 60,
                    now=NOW,
                    application_id=listed.application.pk,
                    version=listed.application.version,
                    now_ms=NOW * 1000,
                )
            )

    rotated = [row is not None for row in ask(database_urls, rotate)]
    assert rotated == [reason is None for reason in world.expected()]


def test_an_access_token_works_by_the_rule(world: World, database_urls: dict[str, str]) -> None:
    Grant.objects.update(state=Grant.State.ACTIVE)

    def read(store: Database) -> Iterable[Awaitable[Any]]:
        for grant in world.grants:
            yield store.one(LIVENESS(grant_id=grant.pk, now=NOW))

    rows = ask(database_urls, read)
    found = [row.tenant_allows if row else None for row in rows]
    # A live token of an application that the lists exclude is read, and refused with a word of its own.
    told = {None: True} | dict.fromkeys(POLICY, False)
    assert found == [told.get(reason) for reason in world.expected()]


def test_the_portal_reads_the_rules_facts(world: World) -> None:
    for person, listed in world.pairs:
        tenant = world.other if person.membership == "elsewhere" else person.tenant
        found = queries.eligibility_of(person.user, listed.application)
        assert found.ineligible is eligibility(world.facts(person, listed, tenant), NOW), (person, listed)


def test_members_and_managers_are_those_whom_the_rule_lets_in(world: World) -> None:
    anything = Listed(world.applications[0].application, in_force=True, blocked="none", allowed="none")
    for person in world.people:
        at_home = world.facts(person, anything, person.tenant, tenant_state="active")
        assert members(person.tenant).filter(user=person.user).exists() == (eligibility(at_home, NOW) is None), person
        tenant = world.other if person.membership == "elsewhere" else person.tenant
        manages = eligibility(world.facts(person, anything, tenant), NOW) is None
        assert managed_by(person.user) == (tenant if manages else None), person
