"""Fills an installation with 10,000 applications, 2,000 teams and 100,000 revisions, and measures every page of the registry: `python -m bench.registry`.

It fills databases of its own (SQLite, or PostgreSQL with `--engine postgres`). Of some turns: milliseconds of the processor, of this process and of
the server process of the database together, the least and the median; those of wall clock; and the number of statements. The least is held to the target:
what else a machine does makes each turn cost more, and none less. `--seed-only` fills the installation of the environment instead, `--measure-only` measures one that was filled.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from bench import kept, people
from tests.support import browser_session

if TYPE_CHECKING:
    from bench.registry_rows import Seeded
    from tests.support.portal_world import Side
    from varco.accounts.models import User
    from varco.registry.models import Team

APPLICATIONS, TEAMS, REVISIONS = 10_000, 2_000, 10
TARGET_MS, TURNS = 50, 9
OF_THE_REGISTRY = ("developer:", "teams:", "staff:", "status:", "documentation:changes", "documentation:index")
LISTS: list[tuple[str, str, tuple[dict[str, str], ...]]] = [
    ("developer", "developer:list", ({"page": "2"}, {"words": "agenda"}, {"words": "agenda facile"}, {"words": "zzz"})),
    ("operator", "staff:all", (
        {"page": "100"}, {"page": "200"}, {"words": "agenda"}, {"words": "carla77"}, {"words": "agenda carla"}, {"words": "zzz"}, {"words": "varco-00000"},
        {"state": "suspended"}, {"environment": "staging"}, {"environment": "staging", "page": "60"}, {"risk": "high"}, {"developer": "ada12@house12.example"},
        {"words": "software srl", "state": "active", "environment": "production"},
    )),
    ("operator", "staff:queue", (
        {"page": "15"}, {"words": "agenda"}, {"words": "zzz"}, {"environment": "staging"}, {"risk": "high"}, {"reviewer": "me"}, {"reviewer": "nobody"},
    )),
    ("operator", "staff:teams", ({"page": "40"}, {"words": "carla"}, {"words": "carla77"}, {"words": "zzz"}, {"show": "deserted"})),
]  # fmt: skip
"""Lists in their middle and narrowed; at their beginning they are opened as every page."""


@dataclass(frozen=True, slots=True)
class Measured:
    """What one page takes: milliseconds, and statements."""

    least: float
    cpu: float
    wall: float
    statements: int


def sides(seeded: "Seeded") -> dict[str, "Side"]:
    """What pages are opened with: applications of the teams with 500, with 100 and with few of them, and of somebody with ten teams."""
    owner = seeded.largest.members.filter(role="owner").earliest("pk").user
    first_of_few = seeded.few.members.filter(role="owner").earliest("pk").user
    return {
        "500": _side(seeded, owner, seeded.largest),
        "100": _side(seeded, seeded.busy, seeded.large),
        "few": _side(seeded, first_of_few, seeded.few),
    }


def _side(seeded: "Seeded", developer: "User", team: "Team") -> "Side":
    from tests.support.portal_world import Side
    from varco import clock
    from varco.audit.models import RefusedRequest
    from varco.grants.models import Consent
    from varco.registry.models import Application, Revision, Secret, SecretOverlap, Transfer
    from varco.signals.models import Stream

    application = Application.objects.filter(team=team, revisions__state="draft", client_id__isnull=False).earliest(
        "pk"
    )
    waits = Revision.objects.filter(state="submitted", application__team=team).order_by("pk").first()
    waits = waits or Revision.objects.filter(state="submitted").latest("pk")
    Stream.objects.get_or_create(application=application)
    lasts = {"method": "client_secret_basic", "begun_at": clock.now(), "ends_at": clock.now() + 864_000}
    SecretOverlap.objects.get_or_create(application=application, defaults=lasts)
    tenant = Consent.objects.filter(application=application).earliest("pk").tenant or seeded.centre
    offered = Transfer.objects.filter(team=team).first()
    secret = Secret.objects.filter(application=application, revoked_at=None).earliest("pk")
    asked = RefusedRequest.objects.filter(application_id=application.pk).earliest("pk")
    return Side(
        str(team.pk), {"developer": developer}, {}, tenant, application, waits, application.revisions.get(state="draft"), secret.pk,
        asked.request_id, 0, 0, "", 0, 0, 0, offer_id=offered.pk if offered else 0,
    )  # fmt: skip


def pages(seeded: "Seeded", every: dict[str, "Side"]) -> Iterator[tuple[str, "User", str]]:
    """How a page is called, who opens it, and its address."""
    from django.urls import reverse

    from tests.support.portal_rows import ROWS

    for size, side in every.items():
        for name, row in ROWS.items():
            if not name.startswith(OF_THE_REGISTRY) and name != "home":
                continue
            for part, reader in (("developer", side.people["developer"]), ("operator", seeded.operator)):
                if row.status(part) == 200:
                    yield f"{name} ({size})", reader, reverse(name, kwargs=row.arguments(side))
                    if name != "home":
                        break
        for step in ("kind", "grants", "redirects", "claims", "about", "security"):
            yield (
                f"step {step} ({size})",
                side.people["developer"],
                reverse("developer:step", args=[side.application.pk, step]),
            )
        for part, name, queries in LISTS:
            reader = side.people["developer"] if part == "developer" else seeded.operator
            for query in queries if part == "developer" or size == "few" else ():
                yield f"{name} {urlencode(query)} ({size})", reader, f"{reverse(name)}?{urlencode(query)}"


def readings(every: dict[str, "Side"]) -> Iterator[tuple[str, "User", str]]:
    """What the management API is asked for."""
    for size, side in every.items():
        reader, one = side.people["developer"], f"/manage/v1/applications/{side.application.pk}"
        for address in (
            "/manage/v1/applications", "/manage/v1/applications?limit=100", "/manage/v1/applications?offset=60", one, f"{one}/draft", f"{one}/revisions",
            f"{one}/revisions/2", f"{one}/history", f"{one}/secrets", f"{one}/secrets/{side.secret_id}", "/manage/v1/teams",
            f"/manage/v1/teams/{side.team.public_id}",
        ):  # fmt: skip
            yield f"{address.replace(one, '…/{id}')} ({size})", reader, address


def measured(act: Callable[[], Any]) -> Measured | None:
    """Act so often, once more before and once more for its statements. None where there is no such page."""
    from django.db import connections
    from django.test.utils import CaptureQueriesContext

    with ExitStack() as stack:
        captured = [stack.enter_context(CaptureQueriesContext(connection)) for connection in connections.all()]
        answer = act()
    statements = sum(map(len, captured))
    if answer.status_code != 200:
        return None
    cpu, wall = [], []
    for _ in range(TURNS):
        began, began_cpu = time.perf_counter(), _processor()
        act()
        cpu.append((_processor() - began_cpu) * 1000)
        wall.append((time.perf_counter() - began) * 1000)
    return Measured(min(cpu), statistics.median(cpu), statistics.median(wall), statements)


def _processor() -> float:
    """Seconds that this process and those of its connections to PostgreSQL have had."""
    from django.db import connections

    used = time.process_time()
    for connection in connections.all(initialized_only=True):
        if connection.vendor == "postgresql" and connection.connection is not None:
            # The clock of another process, clock_getcpuclockid(3).
            used += time.clock_gettime((~connection.connection.info.backend_pid << 3) | 2)
    return used


def measure(seeded: "Seeded", only: str) -> bool:
    """Print what each page takes, what takes most first; whether all keep the target."""
    from django.core.cache import cache
    from django.test import Client

    from tests.support import managing

    browser_session.install()
    every, taken = sides(seeded), dict[str, Measured | None]()
    for name, reader, address in pages(seeded, every):
        if only in name:
            browser = Client(HTTP_HOST="localhost")
            browser.force_login(reader)
            browser.get(address)
            cache.clear()
            taken[name] = measured(lambda browser=browser, address=address: browser.get(address))  # type: ignore[misc]
    for name, reader, address in readings(every):
        if only in name:
            proven = managing.caller(reader)
            managing.manage(proven, "GET", address)
            taken[name] = measured(lambda proven=proven, address=address: managing.manage(proven, "GET", address))  # type: ignore[misc]
    print("without a page:", *(name for name, one in taken.items() if one is None), file=sys.stderr)
    found = {name: one for name, one in taken.items() if one is not None}
    print("| page | CPU ms | median | ms | statements |\n|---|---|---|---|---|")
    for name, one in sorted(found.items(), key=lambda item: -item[1].least):
        print(
            f"| {name} | {one.least:.1f}{'' if one.least < TARGET_MS else ' !'} | {one.cpu:.1f} | {one.wall:.1f} | {one.statements} |"
        )
    above = sum(one.least >= TARGET_MS for one in found.values())
    print(
        f"{len(found)} pages, {above} of {TARGET_MS} CPU ms or more; median {statistics.median(one.least for one in found.values()):.1f}"
    )
    return not above


def main() -> int:
    """One engine, or the installation of the environment."""
    parser = argparse.ArgumentParser(prog="python -m bench.registry", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--seed-only", action="store_true")
    parser.add_argument("--measure-only", action="store_true")
    parser.add_argument(
        "--keep", type=Path, help="the directory of an installation that is filled once and measured again"
    )
    parser.add_argument("--only", default="", help="a part of the names of the pages to be measured")
    options = parser.parse_args()
    from varco.ops.environment import start_django

    if options.seed_only or options.measure_only:
        start_django()
        if options.seed_only:
            _seed()
            return 0
        return 0 if measure(_seeded(), options.only) else 1
    with kept.installation(options.engine, options.keep) as filled:
        return 0 if measure(_seeded() if filled else _seed(), options.only) else 1


def _seed() -> "Seeded":
    from bench import registry_rows

    began = time.monotonic()
    registry_rows.seed(APPLICATIONS, TEAMS, REVISIONS)
    people.analyse()
    print(f"filled in {time.monotonic() - began:.0f} s", file=sys.stderr)
    return registry_rows.seeded()


def _seeded() -> "Seeded":
    from bench import registry_rows

    return registry_rows.seeded()


if __name__ == "__main__":
    sys.exit(main())
