"""Logos are drawn anew: nothing of the file but its picture is kept, and what is no small image is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import queries, services
from varco.registry.errors import Denied, Invalid
from varco.registry.logo import MAX_BYTES, drawn_anew
from varco.registry.models import Logo

RED = (200, 0, 0)


def image(kind: str = "PNG", size: tuple[int, int] = (300, 100), **options: Any) -> bytes:
    made = BytesIO()
    Image.new("RGB", size, RED).save(made, kind, **options)
    return made.getvalue()


def fault_of(content: bytes) -> str:
    with pytest.raises(Invalid) as refused:
        drawn_anew(content)
    ((field, faults),) = refused.value.faults.items()
    assert field == "logo"
    return str(faults[0].code)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "GIF"])
def test_every_kind_becomes_a_small_square_png(kind: str) -> None:
    with Image.open(BytesIO(drawn_anew(image(kind)))) as drawn:
        assert (drawn.format, drawn.size, drawn.mode) == ("PNG", (256, 256), "RGBA")
        centre, corner = drawn.getpixel((128, 128)), drawn.getpixel((0, 0))
    assert isinstance(centre, tuple)
    assert isinstance(corner, tuple)
    assert abs(centre[0] - RED[0]) < 8
    assert (centre[3], corner[3]) == (255, 0)


def test_nothing_but_the_picture_is_kept() -> None:
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "<script>alert(1)</script>")
    polyglot = image(pnginfo=said) + b"PK\x03\x04<script>alert(2)</script>"
    jpeg = image("JPEG", exif=b"Exif\x00\x00secret-place", comment=b"<script>")
    for content in (polyglot, jpeg):
        drawn = drawn_anew(content)
        assert b"script" not in drawn
        assert b"secret-place" not in drawn
        assert drawn.endswith(b"IEND\xaeB\x60\x82")


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes that says it has so many pixels."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "logo_unreadable"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>', "logo_unreadable"),
        (b"<html><body>", "logo_unreadable"),
        (image()[:60], "logo_unreadable"),
        (image("BMP"), "logo_unreadable"),
        (image("TIFF"), "logo_unreadable"),
        (b"%PDF-1.4", "logo_unreadable"),
        (b"\0" * (MAX_BYTES + 1), "logo_too_big"),
        (bomb(4097, 10), "logo_too_large"),
        (bomb(5000, 5000), "logo_too_large"),
        (bomb(60_000, 60_000), "logo_too_large"),
        (bomb(2**31 - 1, 2**31 - 1), "logo_too_large"),
        (bomb(300, 300), "logo_unreadable"),  # says more than it has
    ],
)
def test_what_is_no_small_image_is_refused(content: bytes, code: str) -> None:
    assert fault_of(content) == code


def test_broken_images_are_refused_and_break_nothing() -> None:
    whole = {kind: image(kind, (40, 40)) for kind in ("PNG", "JPEG", "WEBP", "GIF")}
    for content in whole.values():
        for place in range(0, len(content), max(1, len(content) // 12)):
            broken = content[:place] + bytes([content[place] ^ 0xFF]) + content[place + 1 :]
            try:
                drawn_anew(broken)
            except Invalid:
                continue


@pytest.mark.django_db
def test_a_logo_is_shown_replaced_and_removed_and_operators_are_told_of_one_in_force(davide: User, olga: User) -> None:
    draft = registrations.draft(davide)
    before = Message.objects.count()
    services.set_logo(draft, image(), Origin(davide))
    assert Message.objects.count() == before  # nobody sees it yet
    application = registrations.approved(davide, olga, name="Altra")
    before = Message.objects.count()
    first = services.set_logo(application, image(), Origin(davide)).logo
    again = services.set_logo(application, image(), Origin(davide)).logo
    second = services.set_logo(application, image(size=(50, 60)), Origin(davide)).logo
    assert first == again != second
    assert Message.objects.count() == before + 2
    assert queries.logo(second) == Logo.objects.get(application=application).png
    services.remove_logo(application, Origin(davide))
    application.refresh_from_db()
    assert (application.logo, queries.logo(second), Logo.objects.count()) == ("", None, 1)
    told = Event.objects.filter(tag="application.logo_changed", application_id=application.pk).order_by("pk")
    assert [event.detail for event in told] == [
        {"before": "", "after": first}, {"before": first, "after": second}, {"before": second, "after": ""},
    ]  # fmt: skip


@pytest.mark.django_db
def test_nobody_else_changes_a_logo(davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    for stranger in (olga, people.person("Dora", "Developer", developer_since=1)):
        with pytest.raises(Denied):
            services.set_logo(application, image(), Origin(stranger))
        with pytest.raises(Denied):
            services.remove_logo(application, Origin(stranger))
