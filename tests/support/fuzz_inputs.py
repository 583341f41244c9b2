"""Broken relatives of good input, for the tests that feed parsers: seeded by a name, so that a failure repeats.

VARCO_TEST_FUZZ sets the number of inputs for each parser.
"""

import copy
import json
import os
import random
from collections.abc import Iterator, Sequence
from typing import Any

INPUTS = int(os.environ.get("VARCO_TEST_FUZZ") or 5_000)

SPLINTERS = [
    b"\x00", b"\n", b"\r", b"\x7f", b"\xff", b"\xc3", b"\xed\xa0\x80", "è".encode(), "\u202e".encode(), b"%", b"%00", b"%FF", b"%zz", b"+", b"&",
    b"=", b"?", b"#", b"@", b"\\", b"/", b"..;", b"/..;/", b"%2e%2e", b":", b";", b".", b"..", b",", b'"', b"'", b"<", b"{", b"}", b"[", b"]", b"null",
    b"true", b"-1", b"0", b"1e999", b"9" * 40, b"9" * 5000, b"NaN", b"\\ud800", b"Basic ", b"Bearer ", b"client_id=", b"scope=", b"resource=",
    b"state=", b"e30", b"W10", b"javascript:", b"http://", b"https://", b"localhost", b"[::1]", b"::1%a", b":80", b"A" * 300, b"=" * 4, b"none",
    b"alg", b"jwk", b"crit", b" ", b"[" * 1500, "\u0660\u0661\u00b2".encode(), b"a=b&" * 70,
]  # fmt: skip
"""What parsers of the past have stumbled over: bytes that are no text, separators, numbers beyond any size, nests of brackets."""

STRANGE: list[Any] = [
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, 10**400, -0.0, 0.5, 1e308, float("inf"), float("nan"), "", " ", "0", "none", "a" * 300, "\0", "è",
    "\ud800", "..", "https://login.example", [], [[]], [None], ["a"], ["a", 1], {}, {"a": {}}, {"": None},
]  # fmt: skip
"""What may stand in JSON in the place of something else."""


def relatives(seeds: Sequence[bytes], name: str, count: int = INPUTS) -> Iterator[bytes]:
    """Inputs made from the seeds by cutting, doubling, splicing and spoiling them, and some that are merely random."""
    chance = random.Random(name)
    for _ in range(count):
        if chance.random() < 0.95:
            yield spoiled(bytearray(chance.choice(seeds)), seeds, chance)
        else:
            yield chance.randbytes(chance.randrange(60))


def spoiled(data: bytearray, seeds: Sequence[bytes], chance: random.Random) -> bytes:
    """One relative of some bytes; what is spliced in comes from the seeds."""
    for _ in range(chance.choice((1, 1, 1, 2, 3, 6))):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(6):
            case 0:
                del data[at : at + chance.choice((1, 1, 2, 8, 40))]
            case 1:
                data[at:at] = chance.choice(SPLINTERS)
            case 2:
                data[at : at + 1] = bytes([chance.randrange(256)])
            case 3:
                data[at:at] = data[chance.randrange(len(data) + 1) :][: chance.randrange(50)]
            case 4:
                other = chance.choice(seeds)
                data[at:] = other[chance.randrange(len(other) + 1) :]
            case _:
                data[at : at + 1] = chance.choice(SPLINTERS)
    return bytes(data)


def documents(seed: Any, name: str, count: int = INPUTS) -> Iterator[Any]:
    """Relatives of a JSON document that are still documents: members gone, doubled, renamed, or of another kind."""
    chance = random.Random(name)
    for _ in range(count):
        made = copy.deepcopy(seed)
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            made = _bent(made, chance)
        yield made


def _bent(document: Any, chance: random.Random) -> Any:
    """The document with one thing changed, somewhere in its depth; at times the whole of it."""
    if chance.random() < 0.02:
        return copy.deepcopy(chance.choice(STRANGE))
    at = document
    while isinstance(at, dict | list) and at:
        key = chance.choice(list(at)) if isinstance(at, dict) else chance.randrange(len(at))
        if not isinstance(at[key], dict | list) or not at[key] or chance.random() < 0.2:
            _change(at, key, chance)
            break
        at = at[key]
    return document


def _change(at: Any, key: Any, chance: random.Random) -> None:
    match chance.randrange(8):
        case 0:
            del at[key]
        case 1 if isinstance(at, dict):
            at[str(chance.choice(STRANGE))[:20]] = at[key]
        case 2 if isinstance(at[key], str):
            cut = chance.randrange(len(at[key]) + 1)
            at[key] = at[key][:cut] + str(chance.choice(STRANGE))[:20] + at[key][cut + 1 :]
        case 3:
            at[key] = [at[key], at[key]]
        case _:
            at[key] = copy.deepcopy(chance.choice(STRANGE))


def as_json(document: Any) -> bytes:
    """What Python's encoder makes of a document, `NaN` and lone surrogates included."""
    return json.dumps(document, separators=(",", ":")).encode()


def text(data: bytes) -> str:
    """What a header would be: each byte a character (RFC 9110 §5.5, as ASGI servers decode it)."""
    return data.decode("latin-1")
