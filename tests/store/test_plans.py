"""No statement of the platform reads whole tables, whatever statistics say of the rows there are."""

import asyncio
import datetime as dt
from collections.abc import Iterator
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.db import connection

from tests.support import people
from tests.support.plans import postgres_plans, sqlite_plans
from varco.accounts.models import User
from varco.databases import sqlite_path
from varco.gate.store import PLATFORM, Statement
from varco.gate.store.sql import clients, keys
from varco.grants.models import Consent, DeviceRequest, Grant
from varco.registry.models import (
    AllowedTenant,
    Application,
    BlockedApplication,
    Revision,
    Sandbox,
    Secret,
    SecretOverlap,
    Team,
    TeamMember,
)
from varco.signals.models import Signal, Stream
from varco.tenants.models import Membership, Tenant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])

# Read from time to time, whole, and few: keys in force, applications of one type, the fifty newest second factors.
READ_WHOLE = {keys.SIGNING_KEYS, keys.SEALED_FACTORS, clients.SPA_REDIRECTS}

MANY = 1000
NOW = 1_800_000_000


class World:
    """Rows of the platform: so many of each kind, and who has most of the grants."""

    def __init__(self, *, tenants: int, applications: int, busy: int) -> None:
        """Whoever is not alone at a clinic is at the first one. `busy` of the applications, the oldest, share the grants; the
        others wait to be approved.
        """
        self._developer = people.davide()
        self.tenants = self._made(
            Tenant, [{"name": f"T{i}", "kind": "production", "database": "clinic"} for i in range(tenants)]
        )
        self.users = self._made(User, [{"email": f"u{i}@many.example", "password": "!"} for i in range(MANY)])
        self._made(EmailAddress, [{"user": user, "email": user.email, "verified": True} for user in self.users])
        self._made(
            Membership,
            [
                {"user": user, "tenant": self.tenants[i if i < tenants else 0], "role": "doctor"}
                for i, user in enumerate(self.users)
            ],
        )
        self.applications = self._applications(applications, busy)
        self._lists()
        self._grants(busy)
        self._sessions(busy)

    @staticmethod
    def _made(model: Any, rows: list[dict[str, Any]]) -> list[Any]:
        model.objects.bulk_create([model(**row) for row in rows], batch_size=500)
        found = list(model.objects.order_by("pk"))
        return found[-len(rows) :]

    def _applications(self, number: int, busy: int) -> list[Any]:
        team, *others = self._made(Team, [{"name": f"Team {i}"} for i in range(500)])
        members = [{"team": one, "user": self._developer, "role": "owner"} for one in (team, *others)]
        self._made(TeamMember, members)
        clinics = self._made(
            Tenant, [{"name": f"S{i}", "kind": "sandbox", "database": "sandbox"} for i in range(2 * len(members))]
        )
        made_by_teams = zip((team, *others), clinics[::2], clinics[1::2], strict=True)
        self._made(
            Sandbox,
            [
                {
                    "team": one,
                    "tenant": main,
                    "neighbour": beside,
                    "seed": "empty",
                    "number": 1,
                    "sealed_password": b"-",
                }
                for one, main, beside in made_by_teams
            ],
        )
        made = self._made(
            Application,
            [
                {
                    "client_id": f"varco-{i}" if i < busy else None,
                    "owner": self._developer,
                    "team": team,
                    "name": f"A{i}",
                }
                | {"state": "active" if i < busy else "pending"}
                for i in range(number)
            ],
        )
        revisions = self._made(
            Revision, [{"application": it, "number": 1, "type": "web", "state": "approved"} for it in made]
        )
        for application, revision in zip(made[:busy], revisions, strict=False):
            application.live_revision = revision
        Application.objects.bulk_update(made[:busy], ["live_revision"], batch_size=500)
        return made

    def _lists(self) -> None:
        developer = self._developer
        pairs = [(it, self.tenants[i % len(self.tenants)]) for i, it in enumerate(self.applications)]
        self._made(AllowedTenant, [{"application": it, "tenant": tenant} for it, tenant in pairs])
        self._made(
            BlockedApplication, [{"application": it, "tenant": tenant, "blocked_by": developer} for it, tenant in pairs]
        )
        self._made(
            Secret, [{"application": it, "digest": f"{it.pk:064}", "created_by": developer} for it in self.applications]
        )
        self._made(
            SecretOverlap,
            [
                {"application": it, "method": "client_secret", "begun_at": NOW, "ends_at": NOW}
                for it in self.applications
            ],
        )

        streams = self._made(Stream, [{"application": it} for it in self.applications])
        self._made(Signal, [{"stream": it, "jti": f"{it.pk:032}", "kind": "verification"} for it in streams])

    def _grants(self, busy: int) -> None:
        self._made(
            Grant,
            [
                {
                    "user": user,
                    "tenant": user.membership.tenant,
                    "application": self.applications[i % busy],
                    "state": "active",
                    "rid": f"{i:032}",
                    "code_hash": f"{i:064}",
                    "expires_at": NOW,
                }
                for i, user in enumerate(self.users)
            ],
        )
        self._made(
            DeviceRequest,
            [
                {
                    "application": self.applications[0],
                    "device_code_hash": f"{i:064}",
                    "user_code": f"{i}",
                    "expires_at": NOW,
                }
                for i in range(MANY)
            ],
        )

    def _sessions(self, busy: int) -> None:
        """Everybody is signed in, with a second factor, and has accepted an application."""
        ends = dt.datetime.now(dt.UTC)
        keys = [(f"{i:040}", user) for i, user in enumerate(self.users)]
        Session.objects.bulk_create(Session(session_key=key, expire_date=ends) for key, _ in keys)
        self._made(UserSession, [{"session_key": key, "user": user, "ip": "192.0.2.7"} for key, user in keys])
        self._made(Authenticator, [{"user": user, "type": "totp", "data": {}} for user in self.users])
        self._made(
            Consent,
            [
                {"user": user, "tenant": user.membership.tenant, "application": self.applications[i % busy]}
                for i, user in enumerate(self.users)
            ],
        )


WORLDS = {
    "one application and one clinic with nearly everything, thousands that wait": {
        "tenants": 500,
        "applications": MANY,
        "busy": 1,
    },
    "one application at many tiny clinics": {"tenants": MANY, "applications": MANY, "busy": 1},
    "many tiny applications at many tiny clinics": {"tenants": MANY, "applications": MANY, "busy": MANY},
}


@pytest.fixture(params=list(WORLDS.values()), ids=list(WORLDS))
def world(request: pytest.FixtureRequest, database_urls: dict[str, str], engine: str) -> Iterator[World]:
    made = World(**request.param)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    yield made
    if engine == "sqlite":  # the next test has its rows without these statistics
        with connection.cursor() as cursor:
            cursor.execute("DELETE FROM sqlite_stat1")


def values_of(world: World, statement: Statement[Any]) -> tuple[Any, ...]:
    """Values as an endpoint would give, about the application that has most of the grants."""
    grant = Grant.objects.order_by("pk")[MANY // 2]
    known = {
        "application_id": world.applications[0].pk,
        "client_id": "varco-0",
        "code_hash": grant.code_hash,
        "device_code_hash": f"{MANY // 2:064}",
        "rid": grant.rid,
        "grant_id": grant.pk,
        "id": grant.pk,
        "kid": "0" * 8,
        "session_key": f"{MANY // 2:040}",
        "redirect_uri_sent": True,
        "duration": 40,
    }
    return tuple(known.get(name, NOW) for name in statement.parameters)


def test_no_statement_reads_a_whole_table_and_each_joins_in_the_order_written(
    world: World, database_urls: dict[str, str], engine: str
) -> None:
    statements = [statement for statement in PLATFORM.statements if statement not in READ_WHOLE]
    if engine == "sqlite":
        found = sqlite_plans(sqlite_path(database_urls["platform"]), statements)
    else:
        pairs = [(statement, values_of(world, statement)) for statement in statements]
        found = asyncio.run(postgres_plans(database_urls["platform"], pairs))
    assert {name: plan.scans for name, plan in found.items() if plan.scans} == {}
    assert [name for name, plan in found.items() if plan.tables != plan.written] == []
    assert any(len(plan.written) == 5 for plan in found.values())
