"""What no honest program sends: nested without end, characters that no database takes, numbers that no row has, ids of others."""

import re
from collections.abc import Iterator
from itertools import islice, permutations
from typing import Any

import pytest

from tests.management.test_every_operation import BODIES, EVERY, World, address_of, everything, proven, world
from tests.support.managing import APPLICATIONS, NEW, error, manage
from varco.mail.models import Message

__all__ = ["world"]

HUGE = "99999999999999999999"


def nested(depth: int) -> Any:
    value: Any = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize("depth", [10, 60, 300, 800, 940])
def test_a_key_set_that_is_nested_without_end_is_refused_and_breaks_nothing(world: World, depth: int) -> None:
    for jwks in (
        {"keys": nested(depth)},
        {"keys": [{"kty": "EC", "x": nested(depth)}]},
        {"x": nested(depth), "keys": []},
    ):
        answer = manage(
            proven(world), "POST", APPLICATIONS, NEW | {"jwks": jwks, "tokenEndpointAuthMethod": "private_key_jwt"}
        )
        assert answer.status_code in {400, 422}, answer.content[:300]


def spoiled(body: Any, text: str) -> Iterator[Any]:
    """The body with each of its texts in turn replaced."""
    if isinstance(body, dict):
        for name, value in body.items():
            for found in spoiled(value, text):
                yield body | {name: found}
    elif isinstance(body, list):
        for place, value in enumerate(body):
            for found in spoiled(value, text):
                yield [*body[:place], found, *body[place + 1 :]]
    elif isinstance(body, str):
        yield text


@pytest.mark.parametrize("text", ["\0", "a\0b", "\u202e\u0007", "x" * 70_000, "Re:\r\nBcc: all@clinic.example"])
def test_no_text_breaks_an_operation(world: World, text: str) -> None:
    addresses = {name: address_of(world.app, EVERY[name][0]) for name in BODIES}
    for name, body in BODIES.items():
        address, item = addresses[name], EVERY[name][1]
        for sent in spoiled(body, text):
            of = address.partition("/centres")
            read = manage(proven(world), "GET", f"{of[0]}{of[1]}" if of[1] else f"{APPLICATIONS}/{world.app.pk}")
            headers = {"If_Match": read.headers["ETag"]} if item.tagged else {}
            answer = manage(proven(world), item.method, address, sent, **headers)
            several_lines = text.startswith("Re") and answer.status_code in {200, 201}  # as a description may have
            assert several_lines or answer.status_code in {400, 409, 413, 422}, (name, sent, answer.content[:300])
    assert all("\n" not in message.subject for message in Message.objects.all())


@pytest.mark.parametrize(
    "field", ["redirectUris", "scopes", "contacts", "claims", "postLogoutRedirectUris", "grantTypes"]
)
def test_a_list_without_end_is_refused_in_few_words(world: World, field: str) -> None:
    many: list[Any] = [f"https://a.example/{number}" for number in range(5000)]
    if field == "scopes":
        many = [{"name": name} for name in many]
    answer = manage(proven(world), "POST", APPLICATIONS, NEW | {field: many})
    assert error(answer) == (422, "invalid_fields")
    assert len(answer.content) < 20_000


def test_of_a_body_with_very_many_faults_few_are_told(world: World) -> None:
    wrong = {"".join(letters): 1 for letters in islice(permutations("redirectUris"), 5000)}
    answer = manage(proven(world), "POST", APPLICATIONS, wrong)
    assert error(answer) == (422, "invalid_fields")
    assert len(answer.json()["fields"]) == 50


def test_a_number_that_no_row_has_is_a_404_everywhere(world: World) -> None:
    before = everything(world)
    for name, (path, item) in EVERY.items():
        address = address_of(world.app, path)
        for place in re.finditer(r"/(\d+)(?=/|$)", address):
            for number in ("0", HUGE):
                other = f"{address[: place.start(1)]}{number}{address[place.end(1) :]}"
                answer = manage(proven(world), item.method, other, BODIES.get(name), If_Match=f'"{"0" * 32}"')
                gone = name == "withdraw_invitation" and error(answer) == (
                    409,
                    "not_possible",
                )  # as used, or taken back
                assert gone or error(answer) == (404, "not_found"), (name, other, answer.content)
    assert everything(world) == before
