"""Done by the documents alone: installed, begun and served as docs/operations.md and docs/deploy say, and toured by its own people.

On SQLite the first installation, one process behind nginx; on PostgreSQL two gates and two portals, behind each proxy of docs/deploy, whose
serving role comes through PgBouncer.
"""

import json
import os
import re
import shutil
import ssl
import stat
from collections.abc import Iterator
from pathlib import Path

import httpx
import psycopg
import pytest

from tests.support import proxies, source
from tests.support.installation import Installation, block
from tests.support.pgbouncer import PgBouncer
from tests.support.postgres import free_port
from tests.support.tls import make_certificate

LINK = re.compile(r"^https?://\S+/account/invitation/\?token=\S+$", re.MULTILINE)
PARTS = ("operator", "developer", "person")
NAMES = {"operator": "Olga Orsi", "developer": "Davide De Santis", "person": "Dario Donati"}


@pytest.fixture
def installation() -> Iterator[Installation]:
    made = Installation(f"https://localhost:{free_port()}")
    try:
        made.install()
        yield made
    finally:
        made.remove()


def place(made: Installation, name: str) -> proxies.Place:
    """Where a proxy runs in front of this installation; its certificate is trusted by what runs here."""
    directory = made.directory / name
    directory.mkdir()
    certificate, key = make_certificate(directory)
    made.more["SSL_CERT_FILE"] = str(certificate)
    return proxies.Place(directory, int(made.issuer.rpartition(":")[2]), certificate, key, made.user)


def trusting(proxy: proxies.Proxy) -> httpx.Client:
    """A client that trusts this proxy's certificate."""
    return httpx.Client(verify=ssl.create_default_context(cafile=str(proxy.place.certificate)))


def write_people(made: Installation, links: list[str]) -> Path:
    """What the tour has to know of the three who were invited."""
    emails = ("olga@example.org", "davide@example.org", "dario@example.org")
    told = {
        part: {"email": email, "password": f"seven words that {email} chose", "name": NAMES[part], "link": link}
        for part, email, link in zip(PARTS, emails, links, strict=True)
    }
    told["person"]["totp"] = "new"
    path = made.directory / "people.json"
    path.write_text(json.dumps(told), "utf-8")
    path.chmod(0o600)
    made.give(path)
    return path


def tour(made: Installation, people: Path) -> dict[str, dict[str, str]]:
    """Play the tour as the documents say; the facts of each step by its title."""
    line = f"varco tour --url {made.issuer} --people {people} --json"
    told = json.loads(made.run([line]))
    assert told["ok"]
    return {step["title"]: step["facts"] for step in told["steps"]}


def first_installation(made: Installation, _cluster: dict[str, str]) -> None:
    """One process on SQLite."""
    *before, last = block("docs/operations.md", "A first installation")
    assert last.endswith(" serve")
    port = free_port()
    printed = made.run([before[0], f"sed -i s/VARCO_PORT=8000/VARCO_PORT={port}/ /etc/varco/varco.env", *before[1:]])
    (fault,) = [line for line in printed.splitlines() if line.startswith("✗")]
    assert "nobody can sign in yet: operator olga@example.org has set no password" in fault
    printed += made.run(block("docs/operations.md", "A first installation", 1))
    made.serve(last)
    made.wait_for([port])
    assert made.log().count("nobody can sign in yet") == 1
    site = (made.etc / "nginx.conf").read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
    links = LINK.findall(printed)
    people = write_people(made, links)
    with proxies.nginx(place(made, "nginx"), site) as proxy:
        told = tour(made, people)
        assert set(told["Whoever has an invitation sets a password by its link"].values()) == {"set"}
        assert json.loads(people.read_text("utf-8"))["person"]["totp"] != "new"
        with trusting(proxy) as client:
            assert client.get(links[0]).status_code == 410
    assert not [link for link in links if link.partition("token=")[2] in proxy.logs()]
    well = made.run(["varco --env-file /etc/varco/varco.env doctor"])
    assert "✗" not in well
    assert stat.S_IMODE((made.directory / "data" / "platform.sqlite3").stat().st_mode) == 0o600


@pytest.fixture
def cluster(engine: str) -> Iterator[dict[str, str]]:
    """How psql finds PostgreSQL as its superuser; what roles.sql makes is gone afterwards."""
    if engine != "postgres":
        yield {}
        return
    url = os.environ["VARCO_TEST_POSTGRES"]
    port = url.rpartition(":")[2]
    yield {"PGHOST": "127.0.0.1", "PGPORT": port, "PGUSER": "varco", "PGDATABASE": "postgres"}
    with psycopg.connect(f"{url}/postgres", autocommit=True) as connection:
        for name in ("platform", "clinic", "sandbox"):
            connection.execute(f"DROP DATABASE IF EXISTS varco_{name} WITH (FORCE)".encode())
        connection.execute("DROP ROLE IF EXISTS varco_owner, varco_serve")


def two_gates_and_two_portals(made: Installation, cluster: dict[str, str]) -> None:
    """On PostgreSQL, one role migrates and another one serves, through PgBouncer in transaction mode."""
    made.more |= cluster
    shutil.copy(source.ROOT / "docs" / "deploy" / "roles.sql", made.directory)
    lines = block("docs/deploy/README.md", "Two gates, two portals, one machine")
    assert [line.split()[0] for line in lines[:3]] == ["useradd", "python3", "/opt/varco/bin/pip"]
    commands = [line.replace("127.0.0.1:5432", f"127.0.0.1:{cluster['PGPORT']}") for line in lines[3:]]
    first_service = next(number for number, line in enumerate(commands) if line.startswith("systemctl"))
    printed = made.run(commands[:first_service])
    printed += made.run(block("docs/deploy/README.md", "Two gates, two portals, one machine", 1))
    with PgBouncer(int(cluster["PGPORT"]), "transaction", users=("varco_serve",)) as pooler:
        made.run([f"sed -i s/127.0.0.1:{cluster['PGPORT']}/127.0.0.1:{pooler.port}/ /etc/varco/varco.env"])
        serve_all(made, commands, printed)


def serve_all(made: Installation, commands: list[str], printed: str) -> None:
    """The units of the documents, behind each proxy; one gate and one portal of two may die."""
    enabled = next(line for line in commands if line.startswith("systemctl enable")).split()[3:]
    ports = {unit: free_port() for unit in enabled}
    for unit, port in ports.items():
        made.start(f"{unit.partition('@')[0]}@.service", str(port))
    made.wait_for(list(ports.values()))
    people = write_people(made, LINK.findall(printed))

    servers = {
        plane: tuple(f"127.0.0.1:{port}" for unit, port in ports.items() if plane in unit)
        for plane in ("gate", "portal")
    }
    site = proxies.with_servers((made.etc / "nginx.conf").read_text("utf-8"), servers)
    with proxies.nginx(place(made, "nginx"), site) as proxy, trusting(proxy) as client:
        assert "Olga Orsi, an operator, finds it in the review queue and approves it" in tour(made, people)
        for unit in ("varco-gate@8001", "varco-portal@8011"):
            made.processes[enabled.index(unit)].kill()
        pages = ("/oauth2/jwks", "/account/login/") * 6
        assert {client.get(f"{made.issuer}{page}").status_code for page in pages} == {200}
    for name in ("haproxy", "caddy"):  # with one gate and one portal of two dead
        with proxies.DOCUMENTED_PROXIES[name](place(made, name), servers) as proxy:
            told = tour(made, people)
            assert "was set before" in told["Whoever has an invitation sets a password by its link"].values()
        assert "token=" not in proxy.logs()
    well = made.run(["varco --env-file /etc/varco/varco.env doctor"])
    assert "✗" not in well
    assert "may read and write rows, and change no table" in well
    told_of_owner = made.run(["varco --env-file /etc/varco/owner.env --env-file /etc/varco/varco.env doctor"])
    assert "may also change tables: varco_owner of platform, varco_owner of clinic" in told_of_owner


def test_the_documents_alone_lead_to_an_installation_whose_own_people_use_it(
    engine: str, installation: Installation, cluster: dict[str, str]
) -> None:
    {"sqlite": first_installation, "postgres": two_gates_and_two_portals}[engine](installation, cluster)
