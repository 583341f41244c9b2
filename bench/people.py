"""Fills an installation with 10,000 accounts, 2,000 tenants and 50,000 tickets, and measures every list of people, tenants and tickets: `python -m bench.people`.

It fills databases of its own (SQLite, or PostgreSQL with `--engine postgres`). Milliseconds of wall clock, the median of some: Django's client, the view,
its statements. `--seed-only` fills the installation of the environment instead.
"""

import argparse
import functools
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from bench import kept
from bench.records import timed
from tests.support import browser_session

if TYPE_CHECKING:
    from varco.accounts.models import User
    from varco.tenants.models import Tenant

ACCOUNTS, TENANTS, TICKETS, EVENTS = 10_000, 2_000, 50_000, 50_000
AT_ONE = 1_000
"""Accounts of the largest clinic; the others are spread over all."""
TARGET_MS, TURNS = 50, 9
NAMES = ("Ada", "Bruno", "Carla", "Dino", "Elena", "Fabio", "Gina", "Ivo", "Lea", "Marco", "Nora", "Ugo")
ROLES = ("doctor", "secretary", "accountant", "doctor", "secretary")


def seed() -> dict[str, "User"]:
    """Write all of them; the people who look at lists, by what they are."""
    from bench import tickets
    from varco.accounts.models import User
    from varco.tenants.models import Membership, Tenant

    clinics = Tenant.objects.bulk_create(
        Tenant(
            public_id=f"tenant-bench-{number}", name=f"Clinic {NAMES[number % 12]} {number}", kind="production",
            database="clinic", state="suspended" if number % 40 == 7 else "active",
        )
        for number in range(TENANTS)
    )  # fmt: skip
    people = User.objects.bulk_create(
        User(
            email=f"{NAMES[number % 12].lower()}{number}@clinic{number % TENANTS}.example", password="!",
            given_name=NAMES[number % 12], family_name=f"{NAMES[number // 12 % 12]}{number}",
            is_active=number % 50 != 3, developer_since=1_700_000_000 if number % 20 == 1 else None,
            platform_role={0: "operator", 1: "support"}.get(number, ""),
        )
        for number in range(ACCOUNTS)
    )  # fmt: skip
    Membership.objects.bulk_create(
        Membership(
            user=person, tenant=clinics[0 if number < AT_ONE else number % TENANTS],
            role="manager" if number in range(2, TENANTS) and number > AT_ONE else ROLES[number % 5],
        )
        for number, person in enumerate(people) if number > 2
    )  # fmt: skip
    operator, support, manager = people[:3]
    Membership.objects.create(user=manager, tenant=clinics[0], role="manager")
    _around(manager, clinics[0], people)
    tickets.seed(TICKETS, [manager, *people[AT_ONE : AT_ONE + 2000]], clinics, [operator, support])
    analyse()
    return readers_of()


def readers_of() -> dict[str, "User"]:
    """The people who look at lists: the first three that `seed` wrote."""
    from varco.accounts.models import User

    return dict(zip(("operator", "support", "manager"), User.objects.order_by("pk")[:3], strict=True))


def _around(manager: "User", clinic: "Tenant", people: list["User"]) -> None:
    """Events, integrator access of the largest clinic, and invitations to it."""
    from tests.support import crowd
    from varco.audit.models import Event
    from varco.tenants.models import MemberInvitation

    Event.objects.bulk_create(
        Event(at=1_700_000_000_000 + number * 60_000, tag="account.role_changed", actor=people[number % 50].public_id, user=people[number % ACCOUNTS].public_id)
        for number in range(EVENTS)
    )  # fmt: skip
    crowd.integrator_accesses(clinic, manager, range(AT_ONE))
    MemberInvitation.objects.bulk_create(
        MemberInvitation(tenant=clinic, email=f"m{number}@new.example", role="doctor", digest=str(number), expires_at=2_000_000_000, invited_by=manager)
        for number in range(AT_ONE)
    )  # fmt: skip


def analyse() -> None:
    """Have the engine look at what its tables hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def pages() -> list[tuple[str, str, dict[str, str]]]:
    """Who opens what, with which query: every list of these, at its beginning, in its middle and narrowed."""
    lists: list[tuple[str, str, tuple[dict[str, str], ...]]] = [
        ("operator", "/staff/users/", ({}, {"page": "40"}, {"words": "carla"}, {"words": "ugo77 clinic"}, {"words": "zzz"})),
        ("operator", "/staff/tenants/", ({}, {"page": "20"}, {"words": "elena"}, {"words": "zzz"})),
        ("operator", "/staff/proposals/", ({},)),
        ("operator", "/staff/audit/", ({},)),
        ("operator", "/", ({},)),
        ("support", "/", ({},)),
        ("support", "/support/", (
            {}, {"state": "all"}, {"state": "all", "page": "300"}, {"state": "closed", "kind": "sandbox"}, {"state": "all", "assignee": "me"},
            {"state": "all", "assignee": "nobody"}, {"state": "all", "words": "telephone"}, {"state": "all", "words": "carla77 company77"},
            {"state": "closed", "words": "invoices", "kind": "question"},
        )),
        ("manager", "/", ({},)),
        ("manager", "/clinic/people/", ({}, {"page": "10"}, {"words": "carla"})),
        ("manager", "/clinic/integrators/", ({},)),
        ("manager", "/clinic/confirmations/", ({},)),
        ("manager", "/tickets/", ({}, {"words": "telephone"}, {"words": "zzz"})),
    ]  # fmt: skip
    return [(who, path, query) for who, path, queries in lists for query in queries]


def measure(readers: dict[str, "User"]) -> bool:
    """Print what each list takes; whether all keep the target."""
    from django.test import Client

    browser_session.install()
    met = True
    print(f"| list, {ACCOUNTS:,} accounts, {TENANTS:,} tenants, {TICKETS:,} tickets | ms |\n|---|---|")
    for who, path, query in pages():
        browser = Client(HTTP_HOST="localhost")
        browser.force_login(readers[who])
        address = f"{path}?{urlencode(query)}" if query else path
        browser.get(address)
        ms, answer = timed(functools.partial(browser.get, address), TURNS)
        assert answer.status_code == 200, (who, address, answer.status_code)
        met &= ms < TARGET_MS
        print(f"| {address} ({who}) | {ms:.1f}{'' if ms < TARGET_MS else ' !'} |")
    return met


def main() -> int:
    """One engine, or the installation of the environment."""
    parser = argparse.ArgumentParser(prog="python -m bench.people", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed-only", action="store_true")
    parser.add_argument(
        "--keep", type=Path, help="the directory of an installation that is filled once and measured again"
    )
    options = parser.parse_args()
    from varco.ops.environment import start_django

    if options.seed_only:
        start_django()
        seed()
        return 0
    with kept.installation(options.engine, options.keep) as filled:
        readers = readers_of() if filled else seed()
        return 0 if measure(readers) else 1


if __name__ == "__main__":
    sys.exit(main())
