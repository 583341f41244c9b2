"""The checksum of a `client_secret`: what a scanner of repositories can verify without asking anybody."""

import hashlib
import re

from varco.protocol.credentials import client_secret, is_client_secret, redacted

RANDOM = "Zm9v-YmFy_YmF6" + "0" * 29


def test_a_secret_is_recognised_and_nothing_that_only_looks_like_one() -> None:
    text = client_secret(RANDOM)
    assert re.fullmatch(r"varco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}", text)
    assert is_client_secret(text)
    wrong = "0" if text[-1] != "0" else "1"
    for other in (
        text[:-1] + wrong,
        text.replace("Zm9v", "Zm9w"),
        text[:-9],
        text + "0",
        f"vs.{RANDOM}",
        "",
        text + "\n",
    ):
        assert not is_client_secret(other), other


def test_the_checksum_is_what_the_documents_say() -> None:
    body, _, checksum = client_secret(RANDOM).rpartition(".")
    assert hashlib.sha256(body.encode()).hexdigest()[:8] == checksum


def test_either_form_is_kept_out_of_logs() -> None:
    assert redacted(f"a {client_secret(RANDOM)} b") == "a [redacted] b"
    assert redacted(f"a vs.{RANDOM} b") == "a [redacted] b"
