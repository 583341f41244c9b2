from typing import Any

import msgspec
import pytest

from tests.protocol.test_authorization_request import CATALOG, asked
from tests.support.protocol_records import API, CALLBACK, CHALLENGE, CLIENT_ID, NOW, VERIFIER, client, query, refused
from varco.protocol import authorization_request, pushed_request
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.client import Client
from varco.protocol.errors import Fixer
from varco.protocol.parameters import Parameters
from varco.protocol.pushed_request import PushedRecord


def push(of: Client | None = None, /, *, dpop_jkt: str = "", **changes: str) -> AuthorizationRequest:
    parameters = query(**asked(**changes))
    return pushed_request.push(parameters, of or client(), CATALOG, audiences={API}, dpop_jkt=dpop_jkt)


def test_a_pushed_request_is_checked_like_one_in_the_browser() -> None:
    assert push() == authorization_request.parse(query(**asked()), client(), CATALOG)
    wrong: tuple[tuple[dict[str, Any], str], ...] = (
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge": ""}, "invalid_request"),
        ({"scope": "giponext.invoices"}, "invalid_scope"),
        ({"redirect_uri": CALLBACK + "/"}, "invalid_request"),
        ({"request": "a.b.c"}, "request_not_supported"),
        ({"resource": "https://other.example"}, "invalid_target"),
    )
    for changes, error in wrong:
        with refused(error):
            push(**changes)


def test_a_fapi_client_may_push() -> None:
    fapi = client(profile="fapi2", token_endpoint_auth_method="private_key_jwt")
    assert push(fapi).client_id == CLIENT_ID


def test_a_reference_cannot_be_pushed() -> None:
    with refused("invalid_request", "RFC 9126 §2.1 request_uri"):
        push(request_uri=pushed_request.PREFIX + "x")


def test_the_client_pushes_for_itself() -> None:
    assert push(client_id="")
    with refused("invalid_request", "RFC 9126 §2.1 client_id"):
        push(client_id="varco-other")


def test_a_proof_sent_along_binds_the_code() -> None:
    assert push(dpop_jkt=CHALLENGE).dpop_jkt == CHALLENGE
    assert push(dpop_jkt=CHALLENGE) == msgspec.structs.replace(push(), dpop_jkt=CHALLENGE)
    assert (
        pushed_request.push(query(**asked(dpop_jkt=CHALLENGE)), client(), CATALOG, dpop_jkt=CHALLENGE).dpop_jkt
        == CHALLENGE
    )
    with refused("invalid_dpop_proof", "RFC 9449 §10.1"):
        pushed_request.push(query(**asked(dpop_jkt=VERIFIER)), client(), CATALOG, dpop_jkt=CHALLENGE)


def test_what_is_kept_restores_the_request_and_holds_no_credentials() -> None:
    secret = {"client_secret": "vs.hidden", "client_assertion": "a.hidden.c", "client_assertion_type": "urn:x"}
    parameters = query(*asked(**secret).items(), ("resource", API), ("resource", API + "/"))
    kept = msgspec.json.decode(msgspec.json.encode(pushed_request.stored(parameters)))
    assert "hidden" not in str(kept)
    assert "client_assertion_type" not in kept["values"]
    again = Parameters(kept["values"], {"resource": tuple(kept["resource"])})
    assert again.all("resource") == (API, API + "/")
    expected = authorization_request.parse(parameters, client(), CATALOG, audiences={API})
    assert authorization_request.parse(again, client(), CATALOG, audiences={API}) == expected


def test_the_answer_is_a_reference_of_ours_good_for_a_minute() -> None:
    answer = pushed_request.response("abc")
    assert answer == {"request_uri": "urn:ietf:params:oauth:request_uri:abc", "expires_in": 60}
    assert pushed_request.reference_of(query(request_uri=answer["request_uri"])) == "abc"


@pytest.mark.parametrize("uri", ["", "https://agenda.example/request.jwt", "urn:ietf:params:oauth:request_uri", "abc"])
def test_another_request_uri_is_no_reference(uri: str) -> None:
    assert pushed_request.reference_of(query(request_uri=uri)) == ""


def test_a_reference_is_used_once_in_time_by_its_client() -> None:
    good = PushedRecord(client_id=CLIENT_ID, expires_at=NOW + 1)
    pushed_request.check_request_uri(good, CLIENT_ID, NOW)
    for record, client_id, received in (
        (None, CLIENT_ID, "unknown"),
        (good, "varco-other", "unknown"),
        (PushedRecord(client_id=CLIENT_ID, expires_at=NOW + 1, used_at=NOW), CLIENT_ID, "used before"),
        (PushedRecord(client_id=CLIENT_ID, expires_at=NOW), CLIENT_ID, "expired 0 s ago"),
    ):
        with refused("invalid_request_uri", "RFC 9126 §4") as caught:
            pushed_request.check_request_uri(record, client_id, NOW)
        assert caught.value.received.startswith(received)
        assert caught.value.fixer is Fixer.PERSON
