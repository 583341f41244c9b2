"""Gives a clinic of the bench very many access records, and measures what reads them: `python -m bench.records --records 5000000`.

It fills databases of its own (SQLite, or PostgreSQL with `--engine postgres`), links the records into their chain, opens the access log with each of its
filters, walks the chain and makes a pack. `--seed-only ALIAS TENANT` fills the installation of the environment instead.
"""

import argparse
import functools
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench import server
from bench.__main__ import environment
from tests.support import browser_session

if TYPE_CHECKING:
    from varco.proof.pack import Window

PATIENTS, PEOPLE, APPLICATIONS = 20_000, 200, 30
TARGET_MS = 200


def seed(alias: str, tenant: str, records: int) -> None:
    """Write so many records of three years, a second apart at the least."""
    from django.db import connections

    connection = connections[alias]
    step = 94_000_000_000 // records  # milliseconds of three years
    with connection.cursor() as cursor:
        for first in range(0, records, 250_000):
            last = min(first + 250_000, records) - 1
            cursor.execute(
                f"""
                WITH RECURSIVE many(i) AS (SELECT {first} UNION ALL SELECT i + 1 FROM many WHERE i < {last})
                INSERT INTO clinic_accessrecord (at, tenant_id, operation, category, person, person_name, person_kind, application_id,
                                                 application_name, outcome, patients, detail, network, request_id)
                SELECT 1700000000000 + CAST(i AS bigint) * {step}, %s, 'patient.read', 'patients', 'user-bench' || (i * 7919 %% {PEOPLE}),
                       'Person ' || (i * 7919 %% {PEOPLE}), 'staff', 1 + i * 104729 %% {APPLICATIONS}, 'Application', 'ok',
                       CAST(1 + i * 15485863 %% {PATIENTS} AS varchar), '', '192.0.2.7', 'request-' || i
                FROM many
                """.replace("AS bigint", "AS integer" if connection.vendor == "sqlite" else "AS bigint"),
                [tenant],
            )
            print(f"{last + 1:,} records", file=sys.stderr)
        cursor.execute("ANALYZE")


def _size(window: "Window") -> int:
    """Bytes of a pack."""
    from varco.proof import pack

    return sum(map(len, pack.lines(window)))


def timed(act: Callable[[], Any], times: int = 5) -> tuple[float, Any]:
    """Milliseconds of an act, the median, and what it answered last."""
    took, answer = [], None
    for _ in range(times):
        before = time.perf_counter()
        answer = act()
        took.append((time.perf_counter() - before) * 1000)
    return statistics.median(took), answer


def measure(tenant_id: str, records: int) -> bool:
    """Print what each filter takes, then linking, walking and packing; whether the filters keep the target."""
    from django.test import Client
    from django.test.utils import setup_test_environment

    from varco.accounts.models import User
    from varco.chains import verifying
    from varco.keys import services as keys
    from varco.proof import streams, upkeep, verification
    from varco.proof.pack import Window
    from varco.tenants.models import Membership, Tenant

    browser_session.install()
    setup_test_environment()  # an answer then tells what it shows
    keys.ensure()
    tenant = Tenant.objects.create(public_id=tenant_id, name="Bench", kind="production", database="clinic")
    reader = User.objects.create(email="dpo@bench.example", given_name="D", family_name="P", password="!")
    Membership.objects.create(user=reader, tenant=tenant, role="dpo")
    before = time.perf_counter()
    linked = 0
    while number := upkeep.link_rows(seconds=60):
        linked += number
    took = time.perf_counter() - before
    print(f"linked {linked:,} records in {took:.0f} s: {linked / took:,.0f} a second")
    browser = Client(HTTP_HOST="localhost")
    browser.force_login(reader)
    met = True
    for name, query in (
        ("no filter", ""), ("person", "person=user-bench7"), ("patient", "patient=77"), ("person and patient", "person=user-bench7&patient=77"),
        ("time", "since=2024-06-01&until=2024-06-30"), ("person and time", "person=user-bench7&since=2024-06-01&until=2024-06-30"),
        ("page in the middle", "before=1747000000000.1"), ("patient of nobody", "patient=999999"),
    ):  # fmt: skip
        ms, answer = timed(functools.partial(browser.get, f"/clinic/records/log/?{query}"))
        assert answer.status_code == 200
        met &= ms < TARGET_MS
        print(f"access log, {name}: {ms:.0f} ms, {len(answer.context['items'])} shown (< {TARGET_MS})")
    (kind,) = (kind for kind in streams.KINDS if kind.has(streams.stream_of(tenant)))
    ms, verdicts = timed(lambda: list(verification.verify(tenant)), 1)
    print(
        f"verified {verdicts[0].rows:,} rows in {ms / 1000:.0f} s; fault: {verdicts[0].fault}; streams: {len(verifying.streams(kind))}"
    )
    for rows in (1_000_000,):
        until = 1700000000000 + (94_000_000_000 // records) * min(rows, records)
        ms, size = timed(functools.partial(_size, Window(0, until, tenant=("clinic", tenant_id))), 1)
        print(f"pack of {min(rows, records):,} rows: {ms / 1000:.0f} s, {size / 2**20:.0f} MB (≤ 60 s)")
        met &= ms < 60_000
    return met


def main() -> int:
    """One engine, or the installation of the environment."""
    parser = argparse.ArgumentParser(prog="python -m bench.records", description=__doc__)
    parser.add_argument("--engine", choices=["sqlite", "postgres"], default="sqlite")
    parser.add_argument("--records", type=int, default=5_000_000)
    parser.add_argument("--seed-only", nargs=2, metavar=("ALIAS", "TENANT"))
    options = parser.parse_args()
    from varco.ops.environment import start_django

    if options.seed_only:
        start_django()
        alias, tenant = options.seed_only
        seed(alias, tenant, options.records)
        return 0
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="varco-bench-") as directory, server.databases(options.engine) as cluster:
        os.environ.update(environment(Path(directory), cluster))
        start_django()
        from varco.ops.migrate import migrate

        migrate(verbose=False)
        seed("clinic", "tenant-bench", options.records)
        return 0 if measure("tenant-bench", options.records) else 1


if __name__ == "__main__":
    sys.exit(main())
