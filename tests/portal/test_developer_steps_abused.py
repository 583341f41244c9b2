"""What nobody should send to the steps of a registration, and what comes between reading and writing."""

from dataclasses import replace
from typing import Any

import pytest

from tests.portal.test_hostile_forms import HOSTILE, RAW, hostile, names_of
from tests.support import registrations
from tests.support.registration_pages import BASE, fields, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.portal.developer.steps import STEPS
from varco.registry import services
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("step", [step.name for step in STEPS])
def test_whatever_is_sent_to_a_step_is_answered_and_nothing_unsound_is_kept(davide: User, step: str) -> None:
    application = registrations.draft(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/edit/{step}/"
    names, _asked = names_of(client.get(address).content)
    for then in ("next", "leave", "look", "\0"):
        for sent in (hostile(names), {name: list(HOSTILE) for name in names}, {}):
            assert client.post(address, sent | {"then": then}).status_code in {200, 303, 409, 422}
    # What is asked for and no field of the step changes nothing.
    foreign: dict[str, Any] = {"owner": "1", "state": "approved", "client_id": "varco-0", "sandboxes_only": ""}
    client.post(address, fields(client.get(address)) | foreign | {"then": "next"})
    assert client.post(address, RAW, content_type="multipart/form-data; boundary=x").status_code < 500
    application.refresh_from_db()
    assert (application.state, application.client_id) == ("pending", None)
    for text in [application.name, *Details.of(application).contacts, *application.revisions.get().redirect_uris]:
        assert "\0" not in text
        assert len(text) < 3000


def test_another_field_than_those_of_the_step_is_not_changed_by_it(davide: User) -> None:
    application = registrations.draft(davide)
    before = Registration.of(application.revisions.get())
    address = f"{BASE}{application.pk}/edit/claims/"
    client = signed_in(davide)
    sent = fields(client.get(address)) | {"claims": ["email"], "redirect_uris": "https://evil.example/", "type": "spa"}
    assert client.post(address, sent | {"name": "Other", "then": "next"}).status_code == 303
    assert Registration.of(application.revisions.get()) == replace(before, claims=("email",))
    application.refresh_from_db()
    assert application.name == "Agenda Facile"


def test_what_somebody_else_saves_in_between_is_not_overwritten(davide: User, monkeypatch: pytest.MonkeyPatch) -> None:
    application = registrations.draft(davide)
    saved = services.save_draft

    def after_another(*arguments: Any, **more: Any) -> Revision:
        saved(application, registrations.registration(claims=("email",)), Origin(davide))
        return saved(*arguments, **more)

    monkeypatch.setattr(services, "save_draft", after_another)
    sent = {"redirect_uris": "https://one.example/cb", "then": "next"}  # and no stamp, as a program might
    late = signed_in(davide).post(f"{BASE}{application.pk}/edit/redirects/", sent)
    assert late.status_code == 409
    assert fields(late)["redirect_uris"] == "https://one.example/cb"
    assert application.revisions.get().claims == ["email"]


def test_a_retired_application_has_no_steps_left(davide: User) -> None:
    application = registrations.draft(davide)
    services.retire(application, Origin(davide))
    client = signed_in(davide)
    for step in ("", "kind/", "about/", "summary/"):
        assert client.get(f"{BASE}{application.pk}/edit/{step}").status_code == 409, step
    for step in ("kind", "about", "summary"):
        assert client.post(f"{BASE}{application.pk}/edit/{step}/", {"then": "next", "type": "spa"}).status_code == 409
    assert Application.objects.get().state == "retired"
