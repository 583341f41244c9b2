"""The examples do what their README says, with a person at the browser they open."""

import subprocess
import sys
from collections.abc import Collection

import httpx

from tests.support.demo_server import ROOT
from tests.support.demo_world import World


def run(world: World, refuse: Collection[str] = ()) -> tuple[int, str]:
    """Run the example, sign in as Luca where it says, and return its exit status and what it printed."""
    command = [sys.executable, "examples/sign_in.py", world.issuer, world.client("native")["client_id"]]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env={"BROWSER": "true"}
    ) as example:
        assert example.stdout
        assert example.stdout.readline() == "Sign in at:\n"
        address = example.stdout.readline().strip()
        with world.person("manager_levante") as luca:
            assert httpx.get(luca.authorize(address, refuse=refuse)).text == "You can close this window."
        told = example.stdout.read()
    return example.returncode, told


def test_a_native_application_signs_a_person_in_over_loopback(world: World) -> None:
    status, told = run(world)
    assert status == 0, told
    assert "Luca Longo, Poliambulatorio Levante" in told
    assert len(told.splitlines()) == 7


def test_it_says_what_it_was_refused(world: World) -> None:
    status, told = run(world, refuse=["giponext.patients"])
    assert status == 1
    assert "403: The person has not granted giponext.patients" in told
