import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz
from varco.protocol.jose import base64url


@fuzz
@given(st.binary())
def test_decoding_gives_back_what_was_encoded(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@pytest.mark.parametrize("text", ["YQ==", "YQ=", "Y", "YR", "Y Q", "YQ\n", "Y+Q/", "Yé", "YWJj!"])
def test_padding_trailing_bits_and_other_characters_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)


@fuzz
@given(st.text(alphabet="AQgwabcXYZ-_=+/ \n", max_size=12))
def test_no_two_texts_decode_to_the_same_bytes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return
    assert base64url.encode(data) == text
