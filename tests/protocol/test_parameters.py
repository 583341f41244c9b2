from urllib.parse import quote_plus, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz, outcome, refused
from varco.protocol.errors import OAuthError
from varco.protocol.parameters import FORM, parse_form, parse_query


def test_parameters_are_a_mapping_of_texts() -> None:
    found = parse_query(b"client_id=varco-1&state=a+b%26c&x=%C3%A8")
    assert dict(found) == {"client_id": "varco-1", "state": "a b&c", "x": "è"}
    assert found.get("nothing") is None
    assert "state" in found


def test_an_empty_value_is_no_value() -> None:
    found = parse_query(b"scope=&state&&nonce=n")
    assert dict(found) == {"nonce": "n"}


def test_a_parameter_sent_twice_is_refused_whatever_its_values() -> None:
    for raw in (
        b"scope=a&scope=b",
        b"scope=a&scope=a",
        b"scope=&scope=a",
        b"sc%6Fpe=a&scope=b",
        b"unknown=1&unknown=2",
    ):
        with refused("invalid_request", "RFC 6749 §3.1"):
            parse_query(raw)


def test_resource_may_come_several_times_but_not_without_end() -> None:
    found = parse_query(b"resource=https%3A%2F%2Fa&resource=&resource=https%3A%2F%2Fb")
    assert found.all("resource") == ("https://a", "https://b")
    assert found["resource"] == "https://a"
    assert found.all("scope") == ()
    assert parse_query(b"scope=openid").all("scope") == ("openid",)
    with refused("invalid_request", "repeated parameter"):
        parse_query(b"&".join([b"resource=x"] * 9))


def test_more_than_64_parameters_are_refused() -> None:
    assert len(parse_query(b"&".join(b"p%d=1" % i for i in range(64)))) == 64
    for defer in (False, True):
        with refused("invalid_request", "number of parameters"):
            parse_query(b"&".join(b"p%d=1" % i for i in range(65)), defer=defer)


@pytest.mark.parametrize(
    ("name", "limit"),
    [
        ("state", 16_384),
        ("client_id", 200),
        ("redirect_uri", 2000),
        ("nonce", 2000),
        ("scope", 4000),
        ("login_hint", 500),
        ("ui_locales", 500),
    ],
)
def test_values_have_a_length_that_serves_honest_clients(name: str, limit: int) -> None:
    assert len(parse_query(f"{name}={'x' * limit}".encode())[name]) == limit
    with refused("invalid_request", "parameter value"):
        parse_query(f"{name}={'x' * (limit + 1)}".encode())


def test_names_have_a_length_too() -> None:
    assert parse_query(b"x" * 100 + b"=1")
    with refused("invalid_request", "parameter name"):
        parse_query(b"x" * 101 + b"=1")


@pytest.mark.parametrize("raw", [b"a=%00", b"a=\x00", b"a=%0A", b"a=%7F", b"a=%C2%85", b"a%00b=1", b"a%0d=1"])
def test_control_characters_are_refused(raw: bytes) -> None:
    with refused("invalid_request", "appendix A"):
        parse_query(raw)


def test_the_claims_parameter_may_be_formatted_json() -> None:
    assert parse_query(b"claims=%7B%0A%09%22userinfo%22%3A%7B%7D%0D%0A%7D")["claims"] == '{\n\t"userinfo":{}\r\n}'
    with refused("invalid_request", "appendix A"):
        parse_query(b"claims=%7B%00%7D")


@pytest.mark.parametrize(
    "raw", [b"a=%", b"a=%4", b"a=%zz", b"a=%FF", b"a=\xff", b"a=%C3", b"%=1", b"%FF=1", b"a=%ED%A0%80"]
)
def test_broken_escapes_and_bytes_that_are_not_utf8_are_refused(raw: bytes) -> None:
    with refused("invalid_request", "appendix B"):
        parse_query(raw)


@pytest.mark.parametrize(
    "content_type", [FORM, "Application/X-WWW-Form-URLencoded", f"{FORM}; charset=UTF-8", f'{FORM};charset="utf-8"']
)
def test_a_form_is_read(content_type: str) -> None:
    assert dict(parse_form(content_type, b"grant_type=refresh_token")) == {"grant_type": "refresh_token"}


@pytest.mark.parametrize(
    "content_type",
    [
        None,
        "",
        "application/json",
        "multipart/form-data; boundary=x",
        "text/plain",
        f"{FORM}; charset=latin-1",
        f"{FORM}x",
    ],
)
def test_any_other_content_type_is_refused(content_type: str | None) -> None:
    with refused("invalid_request", "content type") as caught:
        parse_form(content_type, b"grant_type=refresh_token")
    assert caught.value.received == (content_type or "no Content-Type")


def test_deferred_faults_are_kept_by_name_and_the_parameter_is_absent() -> None:
    found = parse_query(b"client_id=c&state=s&scope=a&scope=b&nonce=%FF&resource=%00&resource=x&scope=c", defer=True)
    assert dict(found) == {"client_id": "c", "state": "s"}
    assert set(found.faults) == {"scope", "nonce", "resource"}
    assert found.all("resource") == ()
    assert found.faults["scope"].rule == "RFC 6749 §3.1 parameters must not be repeated"


def test_a_deferred_fault_in_a_name_is_kept_too() -> None:
    found = parse_query(b"client_id=c&%FF=1", defer=True)
    assert dict(found) == {"client_id": "c"}
    assert len(found.faults) == 1


def test_values_never_show_in_a_representation() -> None:
    assert repr(parse_query(b"client_secret=hidden&client_id=c")) == "Parameters(client_id, client_secret)"


def test_no_refusal_tells_a_value() -> None:
    for raw in (b"client_secret=hidden%00", b"client_secret=hidden&client_secret=hidden", b"code=hidden%FF"):
        with refused("invalid_request") as caught:
            parse_query(raw)
        assert "hidden" not in str(vars(caught.value))


names = st.text(st.characters(exclude_categories=("Cc", "Cs")), min_size=1, max_size=20).filter(
    lambda name: name != "resource"
)
values = st.text(st.characters(exclude_categories=("Cc", "Cs")), max_size=60)


@fuzz
@given(st.dictionaries(names, values, max_size=8))
def test_what_a_client_encodes_is_what_is_read(fields: dict[str, str]) -> None:
    expected = {name: value for name, value in fields.items() if value}
    assert dict(parse_form(FORM, urlencode(fields).encode())) == expected
    assert (
        dict(parse_query("&".join(f"{quote_plus(n)}={quote_plus(v)}" for n, v in fields.items()).encode())) == expected
    )


chunks = st.one_of(
    st.binary(max_size=12),
    st.sampled_from(
        [
            b"&",
            b"=",
            b"%",
            b"%00",
            b"%FF",
            b"+",
            b"client_id=",
            b"scope=",
            b"resource=",
            b"state=x&",
            b";",
            b"%26",
            b"\xc3",
        ]
    ),
)


@fuzz
@given(st.lists(chunks, max_size=30), st.booleans())
def test_garbage_raises_nothing_but_refusals(pieces: list[bytes], defer: bool) -> None:
    raw = b"".join(pieces)
    for parse in (lambda: parse_query(raw, defer=defer), lambda: parse_form(FORM, raw, defer=defer)):
        found = outcome(parse)
        if isinstance(found, OAuthError):
            assert found.error == "invalid_request"
        else:
            assert all(value and "\x00" not in value for value in found.values())


@fuzz
@given(st.text(max_size=80))
def test_a_garbage_content_type_raises_nothing_but_refusals(content_type: str) -> None:
    found = outcome(lambda: parse_form(content_type, b""))
    assert isinstance(found, OAuthError)
    assert found.error == "invalid_request"
