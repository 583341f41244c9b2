"""A database that cannot be written just now: 503 with `Retry-After`, nothing lost, and it recovers by itself."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import grant, redeem, refresh, tokens
from tests.support.people import Registered
from varco.accounts.models import User
from varco.databases import sqlite_path

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
