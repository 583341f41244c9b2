"""From secrets to keys: for how long a client that signs may use its secret yet."""

import msgspec
import pytest

from tests.protocol.test_client_authentication import SECRET, confidential
from tests.support.protocol_records import CLIENT_ID, NOW, refused
from varco.protocol.client import AuthMethod, Client
from varco.protocol.client_authentication import Credentials, authenticate


def moved(before: str = "client_secret", until: int = NOW + 1, **changes: object) -> Client:
    return confidential("private_key_jwt", overlap_method=before, overlap_until=until, **changes)


@pytest.mark.parametrize("method", [AuthMethod.BASIC, AuthMethod.POST])
def test_a_client_that_moved_to_keys_may_use_its_secret_until_the_second_it_ends(method: AuthMethod) -> None:
    given = Credentials(method=method, client_id=CLIENT_ID, secret=SECRET)
    assert authenticate(given, moved(), NOW)[1]
    assert authenticate(given, moved(before=method), NOW)[1]
    for client_ in (moved(until=NOW), moved(until=0), moved(before="client_secret_jwt"), moved(profile="fapi2")):
        with refused("invalid_client", "RFC 6749 §2.3", status=401):
            authenticate(given, client_, NOW)
    with refused("invalid_client", "RFC 6749 §2.3.1", status=401):
        authenticate(msgspec.structs.replace(given, secret="vs.wrong"), moved(), NOW)


@pytest.mark.parametrize("method", ["none", "client_secret_post"])
def test_an_overlap_opens_nothing_for_a_client_that_does_not_sign(method: str) -> None:
    given = Credentials(method=AuthMethod.BASIC, client_id=CLIENT_ID, secret=SECRET)
    client_ = confidential(method, overlap_method="client_secret_basic", overlap_until=NOW + 1)
    with refused("invalid_client", "RFC 6749 §2.3", status=401):
        authenticate(given, client_, NOW)
