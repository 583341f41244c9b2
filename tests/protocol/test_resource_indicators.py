import pytest

from tests.support.protocol_records import API, refused
from varco.protocol import resource_indicators


@pytest.mark.parametrize("asked", [(), (API,), (API + "/",), (API, API)])
def test_the_api_may_be_asked_for(asked: tuple[str, ...]) -> None:
    resource_indicators.check(asked, {API})


def test_an_audience_may_be_written_with_a_slash() -> None:
    resource_indicators.check(("https://api.example/v2/",), {"https://api.example/v2/"})


@pytest.mark.parametrize(
    "asked", [("https://other.example",), (API, "https://other.example"), (API + "/v2",), (API + "#x",), ("",)]
)
def test_anything_else_is_no_target(asked: tuple[str, ...]) -> None:
    with refused("invalid_target", "RFC 8707 §2"):
        resource_indicators.check(asked, {API})
