"""Logos are drawn anew: nothing of the file but its picture is kept, and what is no small image is refused."""

import struct
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from tests.conftest import FrozenClock
from tests.support import people, registrations
from varco.accounts.models import User
from varco.audit.models import Event
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import logo, queries, services
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
        (bomb(2049, 10), "logo_too_large"),
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
def test_operators_get_one_mail_an_hour_about_the_logos_of_an_application_and_the_last_change_is_told(
    davide: User, olga: User, frozen: FrozenClock
) -> None:
    application = registrations.approved(davide, olga)
    begun, before = frozen.seconds, Message.objects.count()

    def changed(times: int) -> list[int | None]:
        for number in range(times):
            services.set_logo(application, image(size=(30 + number, 50)), Origin(davide))
        told = Message.objects.order_by("pk")[before:]
        return [message.next_try_at for message in told]

    assert changed(1) == [begun]
    assert changed(5) == [begun, begun + 3600]
    frozen.advance(1800)
    assert changed(5) == [begun, begun + 3600]  # one waits, and will lead to what stands then
    frozen.advance(1801)
    assert changed(5) == [begun, begun + 3600, begun + 7200]
    assert Event.objects.filter(tag="application.logo_changed").count() == 15
    frozen.advance(3 * 3600)
    assert changed(1)[3:] == [frozen.seconds]


@pytest.mark.one_engine
def test_an_image_is_turned_as_it_says_it_is_to_be() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned by a quarter, clockwise
    for kind in ("JPEG", "PNG", "WEBP"):
        made = BytesIO()
        picture = Image.new("RGB", (1600, 1600), (255, 255, 255))
        picture.paste(RED, (0, 0, 1600, 800))
        picture.save(made, kind, exif=exif)
        with Image.open(BytesIO(drawn_anew(made.getvalue()))) as drawn:
            left, right = drawn.getpixel((10, 128)), drawn.getpixel((245, 128))
        assert isinstance(left, tuple), kind
        assert isinstance(right, tuple), kind
        assert abs(right[0] - RED[0]) < 9, kind
        assert min(left[:3]) > 245, kind


@pytest.mark.one_engine
def test_one_image_is_drawn_at_a_time_and_who_comes_after_many_is_sent_away(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(logo, "WAIT", 0.01)
    with logo._DRAWING:
        assert fault_of(image()) == "logo_busy"
    assert drawn_anew(image())
    assert fault_of(image()[:60]) == "logo_unreadable"
    assert drawn_anew(image())  # whatever became of the last one


@pytest.mark.django_db
def test_nobody_else_changes_a_logo(davide: User, olga: User) -> None:
    application = registrations.approved(davide, olga)
    for stranger in (olga, people.person("Dora", "Developer", developer_since=1)):
        with pytest.raises(Denied):
            services.set_logo(application, image(), Origin(stranger))
        with pytest.raises(Denied):
            services.remove_logo(application, Origin(stranger))
