"""The drill of docs/backup.md: a backup under load, a disaster, restored elsewhere, and everybody goes on."""

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from tests.journeys.test_killed import Rotating, kill
from tests.support import second_step
from tests.support.commands import Databases
from tests.support.demo_server import Demo
from tests.support.demo_world import World
from varco.ops.backup import manifest

CLIENTS = 4


@pytest.fixture
def elsewhere(engine: str, mortal: Demo) -> Iterator[Demo]:
    """Another place at the same address: empty databases, and the master key, which was kept apart."""
    place = mortal.twin()
    place.port, place.url, place.directory = mortal.port, mortal.url, mortal.directory / "elsewhere"
    data = place.directory / "data"
    data.mkdir(mode=0o700, parents=True)
    for kept in ("master.key", "demo.sealed"):
        shutil.copy2(mortal.directory / "data" / kept, data / kept)
    with Databases(engine, place.directory) as databases:
        place.environment |= {f"VARCO_{name.upper()}": url for name, url in databases.settings.items()}
        yield place
        if place.process:
            kill(place)


def worked(clients: list[Rotating], times: int) -> None:
    """Wait until each has turned its token over so often again."""
    goals = [client.rotations + times for client in clients]
    deadline = time.monotonic() + 60
    while any(client.rotations < goal for client, goal in zip(clients, goals, strict=True)):
        assert time.monotonic() < deadline, "the clients do not get on"
        time.sleep(0.01)


def test_everybody_goes_on_after_a_backup_was_restored_elsewhere(mortal: Demo, elsewhere: Demo, tmp_path: Path) -> None:
    world = World(mortal)
    with world.person("doctor_levante") as lia:
        step = second_step.set_up(lia)
    clients = [
        Rotating(world, world.tokens("doctor_aurora", prompt="consent")["refresh_token"]) for _ in range(CLIENTS)
    ]
    for client in clients:
        client.start()
    worked(clients, 3)
    made = mortal.varco("backup", str(tmp_path / "backup"))
    assert made.returncode == 0, made.stderr
    assert "The master key is not in it" in made.stdout
    told = manifest.read(tmp_path / "backup")
    worked(clients, 10)
    kill(mortal)
    for client in clients:
        client.join(10)

    restored = elsewhere.varco("restore", str(tmp_path / "backup"))
    assert restored.returncode == 0, restored.stderr
    assert "the master key opens everything" in restored.stdout
    again = elsewhere.varco("restore", str(tmp_path / "backup"))
    assert (again.returncode, "already" in again.stderr) == (1, True)
    elsewhere.start()
    with httpx.Client() as connection:
        for client in clients:
            client.rotate(connection)
            client.rotate(connection)
    with world.person("doctor_levante") as lia:
        second_step.sign_in(lia, step.codes.pop())
        assert lia.open("/account/").status == 200
    with world.person("doctor_aurora") as dario:
        dario.sign_in()
        assert dario.open("/account/applications/").status == 200
    doctor = elsewhere.varco("doctor").stdout
    assert f"✗ restored    refresh tokens newer than the database were accepted ({CLIENTS} noted since" in doctor
    assert "✓ sealing" in doctor
    anew = elsewhere.varco("backup", str(tmp_path / "anew"))
    assert anew.returncode == 0, anew.stderr
    rows = manifest.read(tmp_path / "anew").databases["platform"].rows
    assert (
        rows["audit_event"] >= told.databases["platform"].rows["audit_event"] + CLIENTS + 2
    )  # it goes on where it was
