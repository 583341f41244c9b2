"""What the OpenID Foundation's conformance suite checks of an OP, module by module, against a real demo behind TLS.

The suite itself is a Java application that runs elsewhere; these tests put its questions and look at the answers as it
does, so that a run of the suite brings no surprise. Each test names the module it stands for.
"""

import ssl
from collections.abc import Iterator

import pytest

from tests.journeys.certification import suite
from tests.journeys.certification.fapi import FapiParty
from tests.journeys.certification.party import Party
from tests.journeys.certification.visitor import Visitor
from tests.support.demo_server import Demo
from tests.support.demo_world import World
from tests.support.postgres import free_port
from tests.support.tls import TlsProxy


@pytest.fixture(scope="session")
def world(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A demo with the suite's redirect URIs and keys in its clients, given as docs/demo.md says."""
    backend, public = free_port(), free_port()
    with TlsProxy(public, backend, tmp_path_factory.mktemp("certification")) as proxy:
        demo = Demo(
            engine=engine,
            port=backend,
            public_url=f"https://localhost:{public}",
            clients=suite.client_file(),
            VARCO_TRUSTED_PROXIES="127.0.0.0/8",
        ).start()
        context = ssl.create_default_context(cafile=str(proxy.certificate))
        yield World(demo, certificate=proxy.certificate, verify=context)
        demo.stop()


@pytest.fixture(scope="session")
def basic(world: World) -> Iterator[Party]:
    """The suite's `client`: client_secret_basic, without PKCE."""
    with Party(world, "web_legacy", suite.CALLBACK) as party:
        yield party


@pytest.fixture(scope="session")
def basic2(world: World) -> Iterator[Party]:
    """The suite's `client2`: the same, at the same redirect URI."""
    with Party(world, "web", suite.CALLBACK) as party:
        yield party


@pytest.fixture(scope="session")
def with_query(world: World) -> Iterator[Party]:
    """A client at a redirect URI that has a query, as dynamic registration in the suite makes one."""
    with Party(world, "web_post", suite.SECOND_CALLBACK) as party:
        yield party


@pytest.fixture(scope="session")
def posting(world: World) -> Iterator[Party]:
    """The suite's `client_secret_post`."""
    with Party(world, "web_post", suite.CALLBACK) as party:
        yield party


@pytest.fixture(scope="session")
def fapi(world: World) -> Iterator[FapiParty]:
    """The suite's first FAPI client."""
    with FapiParty(world, "fapi1", suite.CALLBACK, key=suite.KEYS["fapi1"]) as party:
        yield party


@pytest.fixture(scope="session")
def fapi2(world: World) -> Iterator[FapiParty]:
    """The suite's second FAPI client."""
    with FapiParty(world, "fapi2", suite.SECOND_CALLBACK, key=suite.KEYS["fapi2"]) as party:
        yield party


@pytest.fixture(scope="session")
def visitor(world: World) -> Iterator[Visitor]:
    """A browser whose person signs in when first asked, and stays signed in from one module to the next."""
    with world.person("doctor_aurora") as dario:
        yield Visitor(dario)
