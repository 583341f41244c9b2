"""One demo server for all journeys of a run; they run in one of pytest-xdist's workers (`tests/support/distribution.py`)."""

import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.support.demo_server import Demo
from tests.support.demo_world import Places, World
from tests.support.postgres import free_port
from tests.support.tls import TlsProxy

HERE = Path(__file__).parent
ON_EACH_ENGINE = frozenset(
    {
        "test_backchannel_logout.py", "test_backup_drill.py", "test_basic_op.py", "test_first_story.py", "test_killed.py",
        "test_master_key_replaced.py",
    }
)  # fmt: skip
"""Whole stories, and what an engine does at a kill or a restore. What other client software and pages say over HTTP is the same on
each; that the gate answers it alike is tested in `tests/gate` and `tests/store`, on both."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if HERE in item.path.parents and item.path.name not in ON_EACH_ENGINE:
            item.add_marker(pytest.mark.one_engine)


@pytest.fixture(scope="session")
def places() -> Places:
    return Places.free()


@pytest.fixture(scope="session")
def world(engine: str, places: Places) -> Iterator[World]:
    """The demo on the engine of this run. Journeys share it, so each uses people or applications of its own."""
    demo = Demo(engine=engine, clients=places.clients()).start()
    yield World(demo)
    demo.stop()


@pytest.fixture(scope="session")
def _mortal(engine: str) -> Iterator[Demo]:
    demo = Demo(engine=engine, VARCO_RATE_LIMIT="1000000")
    yield demo
    demo.stop()


@pytest.fixture
def mortal(_mortal: Demo) -> Demo:
    """A demo that tests may kill and load as they like. The next one finds it started again, from what the kill has left."""
    if _mortal.process is None or _mortal.process.poll() is not None:
        _mortal.start()
    return _mortal


@pytest.fixture(scope="session")
def secure_world(engine: str, places: Places, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """A demo behind a proxy that ends TLS, its issuer https, that asks for its nonce in every DPoP proof.

    `transport["verify"]` trusts the proxy's certificate, whose file is at `certificate`. The demo trusts that of another
    proxy, through which it tells the application behind Apache of logouts.
    """
    backend, public = free_port(), free_port()
    by_tls, plain = (urlsplit(origin).port or 0 for origin in (places.apache_by_tls, places.apache))
    with (
        TlsProxy(public, backend, tmp_path_factory.mktemp("tls")) as proxy,
        TlsProxy(by_tls, plain, tmp_path_factory.mktemp("tls")) as apache,
    ):
        demo = Demo(
            engine=engine,
            port=backend,
            public_url=f"https://localhost:{public}",
            clients=places.clients(told=True),
            SSL_CERT_FILE=str(apache.certificate),
            VARCO_TRUSTED_PROXIES="127.0.0.0/8",
            VARCO_DPOP_NONCE="true",
        ).start()
        yield World(
            demo, certificate=proxy.certificate, verify=ssl.create_default_context(cafile=str(proxy.certificate))
        )
        demo.stop()
