"""Fifty at the same moment: one code is redeemed once, one refresh token has one successor."""

import pytest
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, grant, redeem, refresh, tokens
from tests.support.people import Registered
from tests.support.races import race
from varco.accounts.models import User
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def test_of_fifty_exchanges_of_one_code_one_succeeds(gate: TestClient, dario: User, app: Registered) -> None:
    made, code = grant(dario, app)
    answers = race(lambda _: redeem(gate, app, code))
    assert sorted(answer.status_code for answer in answers) == [200, *[400] * 49]
    assert {answer.json().get("error") for answer in answers} == {None, "invalid_grant"}
    made.refresh_from_db()
    assert (made.state, made.end_reason) == ("ended", "code_replayed")
    won = next(answer.json() for answer in answers if answer.status_code == 200)
    assert gate.get("/v2/userinfo", headers=bearing(won["access_token"])).status_code == 401


def test_fifty_rotations_of_one_refresh_token_agree_on_its_successor(
    gate: TestClient, dario: User, app: Registered
) -> None:
    first = tokens(gate, dario, app)["refresh_token"]
    answers = race(lambda _: refresh(gate, app, first))
    assert {answer.status_code for answer in answers} == {200}
    successors = {answer.json()["refresh_token"] for answer in answers}
    assert len(successors) == 1
    assert successors != {first}
    assert Grant.objects.get().n == 2
    assert refresh(gate, app, successors.pop()).status_code == 200
