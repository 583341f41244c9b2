"""What a lock to sandboxes means in rows: the gate's statements and the portal's queries agree on whose sandboxes they are (S44).

An application for each way its developer can stand to a clinic, locked and not; a person at each clinic with a grant of each.
"""

import itertools
from collections.abc import Awaitable, Iterable
from dataclasses import dataclass
from typing import Any

import pytest

from tests.conftest import FrozenClock
from tests.store.test_eligibility import NOW, ask
from tests.support import people
from varco.accounts.models import User
from varco.gate.store import Database
from varco.gate.store.sql.grants import (
    CLAIM_CODE,
    FORWARD,
    FORWARD_PROVEN,
    GRANT_OF_CODE,
    KEEP_PROVEN,
    LIVENESS,
    ROTATE,
    ROTATE_PROVEN,
)
from varco.grants import queries
from varco.grants.models import Grant
from varco.protocol.eligibility import Ineligible
from varco.registry import access
from varco.registry.models import AllowedTenant, Application, Sandbox, TeamMember
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

STANDINGS: dict[str, dict[str, dict[str, Any]]] = {
    "own": {"user": {}, "membership": {}},
    "no developer": {"user": {"developer_since": None}, "membership": {}},
    "account off": {"user": {"is_active": False}, "membership": {}},
    "membership off": {"user": {}, "membership": {"active": False}},
    "guest": {"user": {}, "membership": {"expires_at": NOW + 1000}},
}
"""How a developer stands to the clinic they belong to; the first alone makes a sandbox theirs."""


@dataclass(frozen=True)
class Case:
    """A grant, and whether it should work."""

    grant: Grant
    user: User
    application: Application
    tenant: Tenant
    locked: bool
    works: bool


PROVEN = {"dpop_jkt": "", "any_key": 0}
REFRESHES: list[tuple[Any, dict[str, Any]]] = [
    (ROTATE, {"n": 1}),
    (FORWARD, {"n": 7, "next_n": 8}),
    (ROTATE_PROVEN, {"n": 1} | PROVEN),
    (KEEP_PROVEN, {"n": 1} | PROVEN),
    (FORWARD_PROVEN, {"n": 7, "next_n": 8} | PROVEN),
]


class World:
    """The rows."""

    def __init__(self) -> None:
        self.tenants = {
            "mine": people.tenant("Mine", "sandbox"),
            "theirs": people.tenant("Theirs", "sandbox"),
            "clinic": people.tenant("Clinic"),
        }
        users = {name: people.person("Ugo", name) for name in self.tenants}
        for name, user in users.items():
            Membership.objects.create(user=user, tenant=self.tenants[name], role="doctor")
        self.cases: list[Case] = []
        for (standing, rows), at, locked in itertools.product(STANDINGS.items(), ("mine", "clinic", ""), (True, False)):
            application = self._application(standing, rows, at, locked=locked)
            for name, user in users.items():
                works = not locked or (standing == "own" and at == name and name != "clinic")
                self._case(user, application, self.tenants[name], locked, works)
        for role in TeamMember.Role.values:
            application = self._application(role, {"user": {}, "membership": {}}, "", locked=True)
            member = people.person("Mira", role, developer_since=NOW - 10)
            Membership.objects.create(user=member, tenant=self.tenants["mine"], role="manager")
            assert application.team
            TeamMember.objects.create(team=application.team, user=member, role=role)
            for name, user in users.items():
                works = name == "mine" and role != TeamMember.Role.VIEWER
                self._case(user, application, self.tenants[name], locked=True, works=works)
        self._made_by_teams(users)

    def _made_by_teams(self, users: dict[str, User]) -> None:
        """What a team has made itself is its own, with the clinic beside it, and nobody else's."""
        for of_team, beside in (("mine", "theirs"), ("theirs", "mine")):
            application = self._application(f"made {of_team}", {"user": {}, "membership": {}}, "", locked=True)
            tenant, neighbour = self.tenants[of_team], people.tenant(f"Beside {beside}", "sandbox")
            Sandbox.objects.create(
                team=application.team, tenant=tenant, neighbour=neighbour, seed="empty", number=1, sealed_password=b"-"
            )
            AllowedTenant.objects.create(application=application, tenant=neighbour)
            other = people.person("Ugo", f"beside{of_team}")
            Membership.objects.create(user=other, tenant=neighbour, role="doctor")
            self._case(other, application, neighbour, locked=True, works=True)
            for name, user in users.items():
                self._case(user, application, self.tenants[name], locked=True, works=name == of_team)

    @property
    def expected(self) -> list[bool]:
        """Whether each grant works."""
        return [case.works for case in self.cases]

    def _application(self, standing: str, rows: dict[str, dict[str, Any]], at: str, *, locked: bool) -> Application:
        fields = {"developer_since": NOW - 10} | rows["user"]
        owner = people.person("Dora", f"{standing.replace(' ', '')}{at}{locked}", **fields)
        if at:
            Membership.objects.create(user=owner, tenant=self.tenants[at], role="manager", **rows["membership"])
        application = people.application(owner, sandboxes_only=locked).application
        for tenant in self.tenants.values():  # a list of clinics does not widen the lock
            AllowedTenant.objects.create(application=application, tenant=tenant)
        return application

    def _case(self, user: User, application: Application, tenant: Tenant, locked: bool, works: bool) -> None:
        number = len(self.cases)
        grant = Grant.objects.create(
            user=user,
            application=application,
            tenant=tenant,
            scopes="openid",
            code_hash=f"code-{number}",
            code_expires_at=NOW + 60,
            expires_at=NOW + 60,
        )
        self.cases.append(Case(grant, user, application, tenant, locked, works))


@pytest.fixture
def world(transactional_db: None, frozen: FrozenClock) -> World:
    return World()


def common(case: Case) -> dict[str, Any]:
    application = case.application
    return {"now": NOW, "now_ms": NOW * 1000, "application_id": application.pk, "version": application.version}


def test_a_code_is_redeemed_and_an_access_token_works_within_the_lock(
    world: World, database_urls: dict[str, str]
) -> None:
    def facts(store: Database) -> Iterable[Awaitable[Any]]:
        return (store.one(GRANT_OF_CODE(code_hash=f"code-{number}")) for number in range(len(world.cases)))

    def claim(store: Database) -> Iterable[Awaitable[Any]]:
        for case in world.cases:
            given = {"rid": f"{case.grant.pk:x}", "n": 1, "dpop_jkt": "", "scopes": "openid", "claims": ""}
            ends = {"idle_expires_at": NOW + 60, "expires_at": NOW + 60}
            yield store.write(CLAIM_CODE(id=case.grant.pk, **common(case), **given, **ends))

    def read(store: Database) -> Iterable[Awaitable[Any]]:
        return (store.one(LIVENESS(grant_id=case.grant.pk, now=NOW)) for case in world.cases)

    assert {True, False} == set(world.expected)
    assert [bool(row.within_lock) for row in ask(database_urls, facts)] == world.expected
    assert [row is not None for row in ask(database_urls, claim)] == world.expected
    Grant.objects.update(state=Grant.State.ACTIVE)
    assert [bool(row.tenant_allows) for row in ask(database_urls, read)] == world.expected


def test_every_use_of_a_refresh_token_proves_the_lock(world: World, database_urls: dict[str, str]) -> None:
    for statement, given in REFRESHES:
        for case in world.cases:
            again = {"rid": f"{case.grant.pk:x}", "n": 1, "idle_expires_at": NOW + 60, "state": Grant.State.ACTIVE}
            Grant.objects.filter(pk=case.grant.pk).update(**again)

        def use(store: Database, statement: Any = statement, given: Any = given) -> Iterable[Awaitable[Any]]:
            for case in world.cases:
                known = {name: value for name, value in common(case).items() if name in statement.parameters}
                yield store.write(statement(rid=f"{case.grant.pk:x}", idle_expires_at=NOW + 60, **known, **given))

        assert [row is not None for row in ask(database_urls, use)] == world.expected, given


def test_the_portal_reads_the_same_lock(world: World) -> None:
    for case in world.cases:
        found = queries.eligibility_of(case.user, case.application).ineligible
        assert found is (None if case.works else Ineligible.OUTSIDE_SANDBOXES), case
        if case.locked:
            assert access.sandboxes(case.application).filter(pk=case.tenant.pk).exists() is case.works


@pytest.mark.either_engine
def test_a_sandbox_given_away_is_none_of_theirs_any_more(world: World) -> None:
    case = next(case for case in world.cases if case.works and case.locked)
    assert access.sandboxes(case.application).get() == case.tenant
    Membership.objects.filter(user=access.developer_of(case.application)).update(tenant=world.tenants["theirs"])
    assert queries.eligibility_of(case.user, case.application).ineligible is Ineligible.OUTSIDE_SANDBOXES
