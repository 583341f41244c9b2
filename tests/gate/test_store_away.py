"""A database that cannot be written just now: 503 with `Retry-After`, nothing lost, and it recovers by itself.

One that does not take a statement is another matter: 500, and logged as a fault of ours.
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import MakeGate, bearing, grant, redeem, refresh, tokens
from tests.support.people import Registered
from tests.support.scratch_store import IdRow, Scratch
from varco.accounts.models import User
from varco.databases import sqlite_path
from varco.gate.api.patients import sql
from varco.gate.store import LongStatement, Schema, engine

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


@contextmanager
def held(url: str) -> Iterator[None]:
    """Another connection holds the lock that a write of grants needs."""
    if url.startswith("sqlite:"):
        import sqlite3

        other = sqlite3.connect(sqlite_path(url), isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            other.execute("ROLLBACK")
            other.close()
    else:
        with psycopg.connect(url) as connection:
            connection.execute("LOCK TABLE grants_grant IN SHARE MODE")
            yield
            connection.rollback()


def test_a_locked_database_is_503_and_the_code_and_token_stay_good(
    gate: TestClient, dario: User, app: Registered, database_urls: dict[str, str]
) -> None:
    got = tokens(gate, dario, app)
    made, code = grant(dario, app)
    with held(database_urls["platform"]):
        for answer in (redeem(gate, app, code), refresh(gate, app, got["refresh_token"])):
            assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
            assert int(answer.headers["retry-after"]) >= 1
    made.refresh_from_db()
    assert made.state == "code"
    assert redeem(gate, app, code).status_code == 200
    assert refresh(gate, app, got["refresh_token"]).status_code == 200


FULL = """
    CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        RAISE EXCEPTION 'could not extend file: No space left on device' USING ERRCODE = 'disk_full';
    END $$;
    CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON grants_grant EXECUTE FUNCTION full_disk();
    CREATE TRIGGER full_disk BEFORE INSERT OR UPDATE ON grants_usedjti EXECUTE FUNCTION full_disk();
"""


@contextmanager
def unwritable(url: str) -> Iterator[None]:
    """The database is there, and no commit in it succeeds."""
    if url.startswith("sqlite:"):
        with held(url):
            yield
        return
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute(FULL)
        try:
            yield
        finally:
            connection.execute("DROP FUNCTION full_disk CASCADE")


def test_a_commit_that_failed_is_not_ready_until_one_succeeds(
    gate: TestClient, dario: User, app: Registered, database_urls: dict[str, str]
) -> None:
    got = tokens(gate, dario, app)
    for _ in range(2):
        assert gate.get("/readyz").status_code == 200
    with unwritable(database_urls["platform"]):
        assert refresh(gate, app, got["refresh_token"]).status_code == 503
        answer = gate.get("/readyz")
        assert (answer.status_code, answer.json()["parts"]["platform"]) == (503, "failing")
    assert gate.get("/readyz").status_code == 200
    assert refresh(gate, app, got["refresh_token"]).status_code == 200


def test_a_revocation_that_cannot_be_written_is_503_and_is_not_claimed(
    gate: TestClient, dario: User, app: Registered, database_urls: dict[str, str]
) -> None:
    """RFC 7009 §2.2.1: the client must take the token to be alive, and may try again."""
    token = tokens(gate, dario, app)["refresh_token"]
    auth = (app.client_id, app.secret)
    with held(database_urls["platform"]):
        answer = gate.post("/oauth2/revoke", data={"token": token}, auth=auth)
        assert (answer.status_code, answer.json()["error"]) == (503, "temporarily_unavailable")
        assert int(answer.headers["retry-after"]) >= 1
    assert gate.post("/oauth2/revoke", data={"token": token}, auth=auth).status_code == 200
    assert refresh(gate, app, token).json()["error"] == "invalid_grant"


def test_a_search_that_takes_too_long_is_503_and_stops_nobody_else(
    make_gate: MakeGate, dario: User, app: Registered, monkeypatch: pytest.MonkeyPatch
) -> None:
    endless = LongStatement(
        Schema("scratch"),
        """
        WITH RECURSIVE n(id) AS (SELECT 1 UNION ALL SELECT id % 3 + 1 FROM n)
        SELECT max(id) AS id FROM n
        WHERE id > :after_id AND :after_text = '' AND :tenant_id <> '' AND :state <> '' AND id + :limit + :offset > 0
        """,
        IdRow,
    )
    monkeypatch.setattr(sql, "PATIENTS", endless)
    monkeypatch.setattr(engine, "READ_SECONDS", 0.1)
    gate = make_gate()
    bearer = bearing(tokens(gate, dario, app)["access_token"])
    answer = gate.get("/v2/tenants/tenant-aurora/patients", headers=bearer)
    assert (answer.status_code, answer.json()["error"]) == (503, "read_timeout")
    assert int(answer.headers["retry-after"]) >= 1
    assert gate.get("/v2/tenants/tenant-aurora/patients?name=rossi", headers=bearer).json()["items"] == []


@pytest.fixture
def unmigrated(engine: str, tmp_path: Path) -> Iterator[Scratch]:
    """A database with other tables than the gate's."""
    made = Scratch(engine, tmp_path).create()
    yield made
    made.drop()


def test_a_database_that_is_not_migrated_is_not_ready_and_no_reason_to_try_again(
    unmigrated: Scratch, make_gate: MakeGate, caplog: pytest.LogCaptureFixture
) -> None:
    url = unmigrated.url
    gate = make_gate(platform_database=url, clinic_database=url, sandbox_database=url)
    ready = gate.get("/readyz")
    assert (ready.status_code, ready.json()["parts"]["platform"]) == (503, "failing")
    assert "not ready: platform: " in caplog.text
    caplog.clear()
    form = {"grant_type": "authorization_code", "code": "vac.x", "redirect_uri": "https://x.example/", "client_id": "x"}
    answer = gate.post("/oauth2/token", data=form, headers={"Origin": "https://spa.example"})
    assert (answer.status_code, answer.json()["error"]) == (500, "server_error")
    assert "retry-after" not in answer.headers
    logged = [record.getMessage() for record in caplog.records if record.levelno == logging.ERROR]
    assert any("answered 500 at /oauth2/token" in message for message in logged)
