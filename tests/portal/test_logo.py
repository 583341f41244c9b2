"""The page of a logo, and the address under which it is shown."""

from io import BytesIO

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse
from PIL import Image

from tests.support import people
from tests.support.authorization_pages import consent_page
from tests.support.authorization_pages import signed_in as member
from tests.support.registration_pages import BASE, page, signed_in
from varco.accounts.models import User
from varco.registry.models import Application

pytestmark = pytest.mark.django_db


def upload(content: bytes = b"", name: str = "logo.png") -> dict[str, object]:
    made = BytesIO()
    Image.new("RGB", (80, 80), (0, 0, 200)).save(made, "PNG")
    return {"logo": SimpleUploadedFile(name, content or made.getvalue(), "image/png")}


def test_a_logo_is_sent_shown_at_consent_and_handed_out_for_good(davide: User) -> None:
    registered = people.application(davide)
    client, address = signed_in(davide), f"{BASE}{registered.application.pk}/logo/"
    assert client.post(address, upload()).status_code == 303
    digest = Application.objects.get(pk=registered.application.pk).logo
    source = reverse("logo", args=[digest])
    for shown in (client.get(address), client.get(f"{BASE}{registered.application.pk}/")):
        assert page(shown).one("img.app-logo")["src"] == source
    assert f'src="{source}"' in consent_page(member(people.dario()), registered).response.content.decode()
    answer = Client().get(source)
    assert (answer["Content-Type"], answer["Cache-Control"]) == ("image/png", "public, max-age=31536000, immutable")
    assert (answer["X-Content-Type-Options"], answer["Cross-Origin-Resource-Policy"]) == ("nosniff", "same-origin")
    assert "default-src 'none'; sandbox" in answer["Content-Security-Policy"]
    with Image.open(BytesIO(answer.content)) as image:
        assert image.size == (256, 256)
    assert client.post(address, {"remove": "yes"}).status_code == 303
    assert Client().get(source).status_code == 404
    assert page(client.get(address)).one("span.app-logo").get_text(strip=True) == "AF"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "This is no PNG, JPEG, WebP or GIF that we can read."),
        (b"\0" * 2_000_000, "The image is larger than 1000 kB."),
    ],
)
def test_what_is_refused_is_said_beside_the_field(davide: User, content: bytes, said: str) -> None:
    registered = people.application(davide)
    answer = signed_in(davide).post(f"{BASE}{registered.application.pk}/logo/", upload(content))
    assert answer.status_code == 422
    assert said in page(answer).one("#id_logo_fault").get_text()


def test_nothing_sent_and_somebody_elses_application_change_nothing(davide: User) -> None:
    registered = people.application(davide)
    address = f"{BASE}{registered.application.pk}/logo/"
    assert signed_in(davide).post(address, {}).status_code == 422
    dora = signed_in(people.person("Dora", "Developer", developer_since=1))
    assert dora.post(address, upload()).status_code == 404
    assert Application.objects.get(pk=registered.application.pk).logo == ""
