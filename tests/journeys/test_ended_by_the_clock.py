"""An integrator access that ends by the clock, in a demo whose clock is moved: warnings, the last call, the first one after midnight, the report.

It has a demo of its own, as the clock of the one that all share cannot go back.
"""

import re
import time
from collections.abc import Callable, Iterator
from typing import TypeVar

import httpx
import pytest

from tests.support.demo_clock import DemoClock
from tests.support.demo_server import Demo
from tests.support.demo_world import World
from tests.support.http_person import Person
from varco.ops.demo.integrators import INES, LEFT

Found = TypeVar("Found")
SCOPE = "openid offline_access giponext.patients"


@pytest.fixture
def own_world(engine: str) -> Iterator[World]:
    demo = Demo(engine=engine).start()
    yield World(demo)
    demo.stop()


def until(look: Callable[[], Found | None]) -> Found:
    """What is found once the workers, who look every few seconds, have done what is due."""
    deadline = time.monotonic() + 60
    while not (found := look()):
        assert time.monotonic() < deadline, "nothing came"
        time.sleep(0.25)
    return found


def letter(reader: Person, to: str, subject: str) -> str:
    """The text of the newest mail of a subject to an address, once it is there."""

    def find() -> str | None:
        page = reader.open(f"/demo/mailbox/?to={to}")
        for link in page.soup.select("main a.way"):
            if subject in link.get_text():
                return str(link["href"])
        return None

    return reader.open(until(find)).text


def call(world: World, tokens: dict[str, str]) -> httpx.Response:
    address = world.address(f"/v2/tenants/{world.tenant('aurora')}/patients")
    return httpx.get(address, headers={"Authorization": f"Bearer {tokens['access_token']}"})


def test_warnings_come_the_next_call_after_midnight_is_refused_and_the_report_is_mailed(own_world: World) -> None:
    world, clock = own_world, DemoClock(own_world.demo)
    client = world.client("web")
    with world.person("manager_aurora") as marta, Person(world.issuer, INES.email, marta.password) as ines:
        both = (marta.email, ines.email)
        clock.move_to(LEFT - 3, 8, 1)
        for to in both:
            assert "23:59:59" in letter(marta, to, "L'accesso a Centro Medico Aurora termina fra 3 giorni")
        clock.move_to(LEFT, 8, 1)
        for to in both:
            assert "23:59:59" in letter(marta, to, "L'accesso a Centro Medico Aurora termina oggi")

        clock.move_to(LEFT, 23, 54)
        tokens, of_dario = world.tokens_of(ines, scope=SCOPE), world.tokens("doctor_aurora", scope=SCOPE)
        assert call(world, tokens).status_code == 200
        clock.move_to(LEFT + 1, 0, 0)
        assert call(world, tokens).status_code == 401
        assert call(world, of_dario).status_code == 200  # so it is not that tokens of that age are too old
        form = {"grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}
        again = httpx.post(
            world.address("/oauth2/token"), data=form, auth=(client["client_id"], client["client_secrets"][0])
        )
        assert again.json()["error"] == "invalid_grant"

        letter(marta, ines.email, "Il tuo accesso a Centro Medico Aurora è terminato")
        told = letter(marta, marta.email, f"Accesso per integratori terminato: {ines.email}")
        assert "servito per 15 operazioni" in told
        report = re.search(r"http\S+/report/", told)
        assert report
        marta.sign_in()
        page = marta.open(report[0])
        assert page.status == 200
        assert client["name"] in page.text
        assert ines.open("/account/").soup.select("input[type=password]")  # signed out
