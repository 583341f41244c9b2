"""A disk that is full, and a process that dies on it: every read that was answered is in the audit, and nothing else was told (S36)."""

import resource
import sqlite3
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx

from tests.journeys.test_killed import kill
from tests.support.demo_server import Demo
from tests.support.demo_world import World

READS = 60


def worker_of(demo: Demo) -> int:
    assert demo.process is not None
    supervisor = demo.process.pid
    return int(Path(f"/proc/{supervisor}/task/{supervisor}/children").read_text("ascii").split()[0])


def recorded(demo: Demo) -> int:
    with closing(sqlite3.connect(demo.directory / "data/clinic.sqlite3")) as database:
        found: int = database.execute(
            "SELECT count(*) FROM clinic_accessrecord WHERE operation = 'patients.listed'"
        ).fetchone()[0]
    return found


def test_every_read_that_was_answered_is_recorded_and_none_is_answered_without(mortal: Demo) -> None:
    world = World(mortal)
    before = recorded(mortal)
    patients = f"{world.api}/v2/tenants/{world.tenant('aurora')}/patients?limit=1"
    headers = {"authorization": f"Bearer {world.tokens('doctor_aurora', prompt='consent')['access_token']}"}
    with httpx.Client(headers=headers) as client, ThreadPoolExecutor(8) as crowd:

        def reads() -> Counter[int]:
            return Counter(crowd.map(lambda _: client.get(patients).status_code, range(READS)))

        assert reads() == {200: READS}
        # No file of the worker's may grow any more: what a full disk is to it.
        resource.prlimit(worker_of(mortal), resource.RLIMIT_FSIZE, (4096, 4096))
        assert reads() == {503: READS}
        answer = client.get(patients)
        assert (answer.status_code, answer.headers["retry-after"].isdecimal()) == (503, True)
        assert client.get(world.address("/readyz")).status_code == 503
    kill(mortal)
    assert recorded(mortal) == before + READS
