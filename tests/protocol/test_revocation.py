import pytest

from tests.support.protocol_records import query, refused
from varco.protocol.revocation import token_of


def test_the_token_is_read_whatever_the_hint_says() -> None:
    assert token_of(query(token="vrt.x", token_type_hint="access_token")) == "vrt.x"
    assert token_of(query(token="vrt.x", token_type_hint="nonsense")) == "vrt.x"


@pytest.mark.parametrize("fields", [{}, {"token": ""}, {"token_type_hint": "access_token"}])
def test_a_request_about_nothing_is_refused(fields: dict[str, str]) -> None:
    with refused("invalid_request", "RFC 7009 §2.1 token"):
        token_of(query(**fields))
    with refused("invalid_request", "RFC 7662 §2.1 token"):
        token_of(query(**fields), "RFC 7662 §2.1")
