"""Registering an application and changing it: the forms, what they keep, what they say (S10, S13, S14)."""

from typing import Any

import pytest

from tests.support import people, registrations
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, fields, page, register, signed_in
from varco import catalog
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.mail.models import Message
from varco.registry import services
from varco.registry.models import Application

pytestmark = pytest.mark.django_db

NEW = f"{BASE}new/one-page/"


@pytest.mark.either_engine
def test_a_developer_without_applications_is_shown_the_next_step(davide: User) -> None:
    response = signed_in(davide).get(BASE)
    assert "No application yet" in response.content.decode()
    assert page(response).select_one(f'main a[href="{BASE}new/"]')


def test_a_filled_form_becomes_an_application_that_waits_for_review(davide: User) -> None:
    olga = people.olga()
    application = register(signed_in(davide))
    revision = application.revisions.get()
    assert (application.state, application.client_id, revision.state) == ("pending", None, "submitted")
    assert (application.name, application.contacts) == ("Agenda Facile", ["dev@facile.example"])
    assert revision.redirect_uris == ["https://app.facile.example/callback", "https://app.facile.example/silent"]
    assert [(scope["name"], scope["required"]) for scope in revision.scopes] == [
        ("openid", False),
        ("giponext.patients", True),
        ("giponext.agenda", False),
    ]
    assert revision.claims == ["profile", "email", "tenant"]
    mail = Message.objects.get(to=olga.email)
    assert f"http://localhost:8000/staff/applications/review/{revision.pk}/" in mail.text


@pytest.mark.either_engine
def test_the_page_shows_where_it_stands(davide: User) -> None:
    client = signed_in(davide)
    application = register(client)
    text = client.get(f"{BASE}{application.pk}/").content.decode()
    assert "Waiting for review" in text
    assert "No client_id yet" in text
    assert "Waiting for review" in client.get(BASE).content.decode()


def test_a_draft_may_be_saved_with_almost_nothing_in_it(davide: User) -> None:
    client = signed_in(davide)
    response = client.post(
        NEW,
        {"name": "Unfinished", "type": "spa", "environment": "development", "id_token_alg": "RS256", "then": "save"},
    )
    assert response.status_code == 303
    application = Application.objects.get()
    assert (application.name, application.revisions.get().state) == ("Unfinished", "draft")
    submitting = client.get(f"{BASE}{application.pk}/submit/")
    assert "Something is still missing" in submitting.content.decode()
    assert client.post(f"{BASE}{application.pk}/submit/", {}).status_code == 422
    assert application.revisions.get().state == "draft"


@pytest.mark.either_engine
def test_every_fault_is_told_at_once_beside_its_field_and_nothing_typed_is_lost(davide: User) -> None:
    sent = (
        DETAILS
        | REGISTRATION
        | {
            "name": "X",
            "contacts": "nobody",
            "redirect_uris": "http://facile.example/cb\r\nhttps://ok.example/cb",
            "reason:openid": "",
            "description": "<script>alert(1)</script> àèì",
            "then": "check",
        }
    )
    sent |= {"description_it": "àèì", **{f"reason_it:{name}": "Sì." for name in catalog.current().scopes}}
    response = signed_in(davide).post(NEW, sent)
    assert response.status_code == 422
    shown = page(response)
    for name in ("name", "contacts", "redirect_uris", "reason:openid"):
        assert shown.select_one(f"[id='id_{name}_fault']"), name
        assert shown.select_one(f"a[href='#id_{name}']"), name
    assert fields(response) == {name: value for name, value in _as_typed(sent).items() if name != "then"}
    assert not Application.objects.exists()


@pytest.mark.either_engine
def test_each_fault_of_a_field_is_a_line_of_its_own(davide: User) -> None:
    sent = DETAILS | REGISTRATION | {"redirect_uris": "http://a.example/\r\nhttps://b.example/#x", "then": "check"}
    faults = page(signed_in(davide).post(NEW, sent)).select("#id_redirect_uris_fault p")
    assert [fault.get_text().partition(": ")[0] for fault in faults] == ["http://a.example/", "https://b.example/#x"]


def _as_typed(sent: dict[str, Any]) -> dict[str, Any]:
    """Browsers send line breaks as CRLF and pages hold them as LF; a list of one is one; empty reasons are sent too."""
    typed: dict[str, Any] = {f"reason:{name}": "" for name in catalog.current().scopes}
    for name, value in sent.items():
        typed[name] = value[0] if isinstance(value, list) and len(value) == 1 else value
        if isinstance(typed[name], str):
            typed[name] = typed[name].replace("\r\n", "\n")
    return typed


@pytest.mark.either_engine
@pytest.mark.parametrize(
    "changes",
    [
        {"name": "Agenda\0"},
        {"name": "Agenda \u202e facile"},
        {"name": "x" * 5000},
        {"description": "x" * 100_000},
        {"redirect_uris": "\r\n".join(["https://a.example/cb"] * 3000)},
        {"redirect_uris": "https://a.example/" + "x" * 60_000},
        {"type": "toaster"},
        {"type": ["web", "spa", "\0"]},
        {"environment": ""},
        {"grant_types": ["password"]},
        {"claims": ["everything"]},
        {"id_token_alg": "none"},
        {"token_endpoint_auth_method": "none of your business"},
        {"jwks": "{", "token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": "[" * 20_000, "token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": '{"keys": [{"kid": "\\ud800", "kty": 7}]}', "token_endpoint_auth_method": "private_key_jwt"},
        {"jwks": "null", "token_endpoint_auth_method": "private_key_jwt"},
        {"reason:openid": "because \0 of this and that"},
        {"contacts": "a@b.example, c@d.example"},
        {"home_url": "https://[::1"},
    ],
)
@pytest.mark.parametrize("then", ["check", "save"])
def test_bad_input_is_answered_with_the_form_and_writes_nothing(
    davide: User, changes: dict[str, Any], then: str
) -> None:
    if then == "save" and changes.get("type") == ["web", "spa", "\0"]:
        changes = {"type": ["\0"]}
    response = signed_in(davide).post(NEW, DETAILS | REGISTRATION | {"then": then} | changes)
    assert response.status_code == 422
    assert page(response).select_one(".callout--danger")
    assert not Application.objects.exists()


def test_bytes_that_are_no_text_are_answered_with_the_form(davide: User) -> None:
    body = b"name=%FF%FE&type=web&then=save&redirect_uris=\xff\xfe"
    response = signed_in(davide).post(NEW, body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in {400, 422}
    assert not Application.objects.exists()


@pytest.mark.either_engine
def test_a_body_too_large_to_be_a_form_is_refused(davide: User) -> None:
    response = signed_in(davide).post(NEW, {"name": "x" * 3_000_000})
    assert response.status_code == 400


@pytest.mark.either_engine
def test_an_empty_form_says_what_is_missing(davide: User) -> None:
    response = signed_in(davide).post(NEW, {})
    assert response.status_code == 422
    assert page(response).select_one("#id_name_fault")


@pytest.mark.either_engine
def test_a_private_key_is_refused_and_not_kept(davide: User) -> None:
    key = '{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo", "d": "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"}]}'
    for then in ("check", "save"):
        sent = DETAILS | REGISTRATION | {"then": then, "token_endpoint_auth_method": "private_key_jwt", "jwks": key}
        response = signed_in(davide).post(NEW, sent)
        assert response.status_code == 422
        assert "This is a private key" in response.content.decode()
        assert "nWGxne_9WmC6" not in response.content.decode()
    assert not Application.objects.exists()


@pytest.mark.either_engine
def test_what_is_unwise_is_explained_before_submitting_and_does_not_forbid_it(davide: User) -> None:
    client = signed_in(davide)
    sent = (
        DETAILS
        | REGISTRATION
        | {
            "redirect_uris": "https://app.facile.example/cb\nhttp://localhost:3000/cb",
            "then": "check",
        }
    )
    check = client.get(client.post(NEW, sent)["Location"])
    text = check.content.decode()
    assert "Local and public redirect URIs in one registration" in text
    assert page(check).select_one(f'main a[href="{BASE}guide/"]')
    assert client.post(check.wsgi_request.path, fields(check)).status_code == 303


@pytest.mark.either_engine
def test_the_guide_answers_whether_another_registration_is_needed(davide: User) -> None:
    assert "Several developers on one project" in signed_in(davide).get(f"{BASE}guide/").content.decode()


def in_force(davide: User) -> Application:
    return registrations.approved(davide, people.olga())


def test_a_change_of_what_is_in_force_is_a_new_revision_with_its_difference(davide: User) -> None:
    application = in_force(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/registration/"
    form = fields(client.get(address))
    assert form["redirect_uris"] == "https://app.facile.example/callback"
    sent = form | {"redirect_uris": "https://new.facile.example/callback", "then": "check"}
    check = client.get(client.post(address, sent)["Location"])
    assert client.post(check.wsgi_request.path, fields(check)).status_code == 303
    shown = page(client.get(f"{BASE}{application.pk}/"))
    assert [item.one("code").get_text() for item in shown.select("#pending .value--added")] == [
        "https://new.facile.example/callback"
    ]
    assert "https://app.facile.example/callback" in shown.one("#in-force").get_text()
    application.refresh_from_db()
    assert application.live_revision is not None
    assert application.live_revision.number == 1


def test_while_a_revision_is_reviewed_it_cannot_be_edited_only_withdrawn(davide: User) -> None:
    client = signed_in(davide)
    application = register(client)
    assert client.get(f"{BASE}{application.pk}/registration/").status_code == 409
    assert (
        client.post(
            f"{BASE}{application.pk}/withdraw/", fields(client.get(f"{BASE}{application.pk}/withdraw/"))
        ).status_code
        == 303
    )
    assert application.revisions.get().state == "withdrawn"
    assert fields(client.get(f"{BASE}{application.pk}/registration/"))["redirect_uris"].startswith("https://app.facile")


def test_after_changes_are_requested_the_developer_reads_why_and_submits_again(davide: User) -> None:
    olga = people.olga()
    client = signed_in(davide)
    application = register(client)
    services.request_changes(
        application.revisions.get(), Origin(olga), codes=["redirect_uri"], text="Use the host of the company."
    )
    mail = Message.objects.get(to=davide.email)
    for text in (mail.text, client.get(f"{BASE}{application.pk}/").content.decode()):
        assert "Use the host of the company." in text
        assert "A redirect URI is wrong" in text
    address = f"{BASE}{application.pk}/registration/"
    sent = fields(client.get(address)) | {"redirect_uris": "https://facile.example/callback", "then": "check"}
    check = client.get(client.post(address, sent)["Location"])
    client.post(check.wsgi_request.path, fields(check))
    assert list(application.revisions.order_by("number").values_list("number", "state")) == [
        (1, "changes_requested"),
        (2, "submitted"),
    ]


def test_two_tabs_do_not_overwrite_each_other_unasked(davide: User) -> None:
    client = signed_in(davide)
    application = registrations.draft(davide)
    address = f"{BASE}{application.pk}/registration/"
    first, second = fields(client.get(address)), fields(client.get(address))
    assert client.post(address, first | {"redirect_uris": "https://one.example/cb", "then": "save"}).status_code == 303
    stale = client.post(address, second | {"redirect_uris": "https://two.example/cb", "then": "save"})
    assert stale.status_code == 409
    assert application.revisions.get().redirect_uris == ["https://one.example/cb"]
    # What was typed in the second tab is still there, and sending it again is a choice now.
    assert fields(stale)["redirect_uris"] == "https://two.example/cb"
    assert client.post(address, fields(stale) | {"then": "save"}).status_code == 303
    assert application.revisions.get().redirect_uris == ["https://two.example/cb"]


def test_details_change_at_once_and_stand_in_the_timeline(davide: User) -> None:
    application = in_force(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/details/"
    assert client.post(address, fields(client.get(address)) | {"name": "Agenda Nuova"}).status_code == 303
    shown = page(client.get(f"{BASE}{application.pk}/"))
    assert shown.one("h1").get_text() == "Agenda Nuova"
    assert "Name: Agenda Facile → Agenda Nuova" in shown.one(".timeline").get_text()


def test_details_of_an_application_in_force_cannot_be_emptied(davide: User) -> None:
    application = in_force(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/details/"
    response = client.post(address, fields(client.get(address)) | {"publisher": "", "contacts": ""})
    assert response.status_code == 422
    assert page(response).select_one("#id_publisher_fault")
    assert page(response).select_one("#id_contacts_fault")


def test_details_edited_in_two_tabs_are_not_lost(davide: User) -> None:
    application = registrations.draft(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/details/"
    first, second = fields(client.get(address)), fields(client.get(address))
    client.post(address, first | {"name": "From the first tab"})
    stale = client.post(address, second | {"name": "From the second tab"})
    assert stale.status_code == 409
    assert fields(stale)["name"] == "From the second tab"
    application.refresh_from_db()
    assert application.name == "From the first tab"


def test_retiring_is_confirmed_on_a_page_that_says_what_stops(davide: User) -> None:
    application = in_force(davide)
    client = signed_in(davide)
    address = f"{BASE}{application.pk}/retire/"
    assert "every access and refresh token it holds is refused" in client.get(address).content.decode()
    application.refresh_from_db()
    assert application.state == "active"
    assert client.post(address).status_code == 303
    application.refresh_from_db()
    assert application.state == "retired"
    assert client.post(address).status_code == 409
    assert "This application is retired" in client.get(f"{BASE}{application.pk}/").content.decode()


def test_registrations_of_one_product_stand_together(davide: User) -> None:
    client = signed_in(davide)
    for name, product in (("Web", "Agenda"), ("Alone", ""), ("Phone", "Agenda")):
        client.post(NEW, DETAILS | REGISTRATION | {"name": name, "product": product, "then": "save"})
    sections = [section.get_text(" ", strip=True) for section in page(client.get(BASE)).select("main section.card")]
    assert sections[0].startswith("Agenda")
    assert "Phone" in sections[0]
    assert "Web" in sections[0]
    assert sections[1].startswith("Other applications Alone")


@pytest.mark.either_engine
def test_what_a_developer_typed_is_escaped_wherever_it_is_shown(davide: User) -> None:
    client = signed_in(davide)
    evil = '<img src=x onerror="alert(1)">'
    application = register(client, name=evil, publisher=evil, description=evil, **{"reason:openid": evil})
    staff = signed_in(people.olga())
    for response in (
        client.get(BASE),
        client.get(f"{BASE}{application.pk}/"),
        staff.get("/staff/applications/"),
        staff.get(f"/staff/applications/review/{application.revisions.get().pk}/"),
        staff.get("/staff/applications/all/"),
        staff.get(f"/staff/applications/{application.pk}/"),
    ):
        assert response.status_code == 200
        assert b"<img src=x" not in response.content


@pytest.mark.either_engine
@pytest.mark.parametrize("act", ["registration", "submit", "withdraw", "details", "retire", "secrets/new"])
def test_what_is_not_possible_is_not_offered_either(davide: User, act: str) -> None:
    application = in_force(davide)
    services.retire(application, Origin(davide))
    assert signed_in(davide).get(f"{BASE}{application.pk}/{act}/").status_code == 409
