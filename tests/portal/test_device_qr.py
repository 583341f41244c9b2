"""The user code as a QR code, for devices that have no room for a library of their own (RFC 8628 §3.3.1)."""

import io

import pytest
import segno
from django.test import Client

from tests.support.authorization_pages import ISSUER

pytestmark = pytest.mark.django_db

WANTED = segno.make_qr(f"{ISSUER}/device?user_code=BCDF-GHJK", error="m")


@pytest.mark.either_engine
@pytest.mark.parametrize("typed", ["BCDF-GHJK", "bcdfghjk", " bcdf ghjk "])
def test_it_spells_the_address_that_brings_the_code_along(typed: str) -> None:
    answer = Client().get("/device/qr.png", {"user_code": typed})
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/png")
    out = io.BytesIO()
    WANTED.save(out, kind="png", scale=8, border=4)
    assert answer.content == out.getvalue()


@pytest.mark.either_engine
def test_it_comes_as_a_drawing_and_as_text_for_a_terminal_too() -> None:
    svg = Client().get("/device/qr.svg?user_code=BCDF-GHJK")
    assert svg["Content-Type"] == "image/svg+xml"
    assert svg.content.startswith(b"<svg")
    text = Client().get("/device/qr.txt?user_code=BCDF-GHJK")
    assert text["Content-Type"] == "text/plain; charset=utf-8"
    assert text.content.decode().count("\n") > 10


@pytest.mark.either_engine
def test_a_device_may_show_it_from_here_but_nobody_keeps_it() -> None:
    answer = Client().get("/device/qr.svg?user_code=BCDF-GHJK")
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert answer["Cache-Control"] == "no-store"
    assert not answer.cookies


@pytest.mark.parametrize(
    "address",
    [
        "/device/qr.svg",
        "/device/qr.svg?user_code=",
        "/device/qr.svg?user_code=BCDF-GHJ",
        "/device/qr.svg?user_code=AEIO-UAEI",
        "/device/qr.svg?user_code=%00%FF",
        "/device/qr.svg?user_code=" + "B" * 5000,
        "/device/qr.gif?user_code=BCDF-GHJK",
    ],
)
def test_what_can_be_no_code_has_no_picture(address: str) -> None:
    assert Client().get(address).status_code == 404
