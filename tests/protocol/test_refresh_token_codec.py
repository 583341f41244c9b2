import base64

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CLIENT_ID, fuzz
from varco import sealing
from varco.protocol.refresh_token_codec import RefreshCodec, key_id

OLD, NEW = b"o" * 32, b"n" * 32
RID = "0123456789abcdef0123456789abcdef"
CODEC = RefreshCodec([NEW, OLD])
TOKEN = CODEC.encode(RID, 1, CLIENT_ID)


@fuzz
@given(st.integers(1, 10**18 - 1), st.integers(0, 2**128 - 1))
def test_a_token_is_read_as_it_was_written(n: int, rid: int) -> None:
    token = CODEC.encode(f"{rid:032x}", n, CLIENT_ID)
    assert CODEC.decode(token, CLIENT_ID) == (f"{rid:032x}", n)


def test_a_token_is_bound_to_its_client() -> None:
    assert CODEC.decode(TOKEN, "varco-other") is None
    assert CODEC.decode(TOKEN, "") is None


def test_the_first_key_signs_and_all_verify() -> None:
    old = RefreshCodec([OLD])
    assert TOKEN.split(".")[1] == key_id(NEW)
    assert CODEC.decode(old.encode(RID, 3, CLIENT_ID), CLIENT_ID) == (RID, 3)
    assert old.decode(TOKEN, CLIENT_ID) is None


def test_the_name_of_a_key_is_the_one_sealing_gives_it() -> None:
    assert key_id(NEW) == sealing.key_id(NEW)


def test_the_name_of_one_key_on_the_code_of_another_verifies_nothing() -> None:
    assert CODEC.decode(TOKEN.replace(key_id(NEW), key_id(OLD)), CLIENT_ID) is None


@pytest.mark.parametrize("position", range(len(TOKEN)))
def test_a_token_changed_in_one_character_is_garbage(position: int) -> None:
    replacement = "0" if TOKEN[position] != "0" else "1"
    assert CODEC.decode(TOKEN[:position] + replacement + TOKEN[position + 1 :], CLIENT_ID) is None


@pytest.mark.parametrize("n", ["0", "01", "+1", "1 ", " 1", "-1", "1.0", "", "１", "1_0", "1e1", "9" * 19])
def test_the_number_is_a_canonical_positive_decimal(n: str) -> None:
    import hashlib
    import hmac

    mac = hmac.digest(NEW, f"{RID}|{n}|{CLIENT_ID}".encode(), hashlib.sha256)
    text = base64.urlsafe_b64encode(mac).rstrip(b"=").decode()
    assert CODEC.decode(f"vrt.{key_id(NEW)}.{RID}.{n}.{text}", CLIENT_ID) is None


def test_the_code_has_one_spelling() -> None:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    twin = alphabet[alphabet.index(TOKEN[-1]) ^ 1]  # differs in a bit that decoding drops
    assert CODEC.decode(TOKEN[:-1] + twin, CLIENT_ID) is None
    assert CODEC.decode(TOKEN + "=", CLIENT_ID) is None


@pytest.mark.parametrize(
    "token",
    [
        "",
        "vrt",
        TOKEN[:-1],
        TOKEN + "A",
        " " + TOKEN,
        TOKEN + "\n",
        TOKEN.upper(),
        TOKEN + "." + TOKEN,
        "vac." + "A" * 43,
        "é" * 90,
        "x" * 1_000_000,
    ],
)
def test_garbage_is_nothing(token: str) -> None:
    assert CODEC.decode(token, CLIENT_ID) is None


pieces = st.one_of(
    st.text(max_size=6), st.sampled_from([".", "vrt", key_id(NEW), RID, "1", "2", TOKEN[-43:], "\x00", "|"])
)


@fuzz
@given(st.lists(pieces, max_size=12).map("".join))
def test_no_text_but_the_issued_one_is_accepted(text: str) -> None:
    assert CODEC.decode(text, CLIENT_ID) is None or text == TOKEN
