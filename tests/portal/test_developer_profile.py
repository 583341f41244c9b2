"""Registering under FAPI 2.0, with any algorithm there is, and with an address for back-channel logout."""

import pytest

from tests.support import people, registrations
from tests.support.registration_pages import BASE, DETAILS, REGISTRATION, STAFF, fields, page, register, signed_in
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import services
from varco.registry.models import Application

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]

NEW = f"{BASE}new/one-page/"
FAPI = registrations.FAPI
IN_WORDS = "FAPI 2.0: pushed requests, DPoP, PKCE and a key of the application's own"


def test_the_form_explains_what_the_profile_asks_for(davide: User) -> None:
    text = page(signed_in(davide).get(NEW)).get_text(" ", strip=True)
    for words in ("authenticate with private_key_jwt", "(PAR)", "PKCE", "(DPoP)", "https redirect URIs only"):
        assert words in text, words


def test_a_registration_under_the_profile_reaches_the_reviewer_and_the_client_page(davide: User) -> None:
    olga = people.olga()
    browser = signed_in(davide)
    application = register(browser, **FAPI)
    revision = application.revisions.get()
    assert (revision.profile, revision.id_token_alg, revision.jwks_uri) == ("fapi2", "PS256", FAPI["jwks_uri"])
    desk = signed_in(olga)
    assert IN_WORDS in page(desk.get(f"{STAFF}review/{revision.pk}/")).get_text()
    services.approve(revision, Origin(olga))
    assert IN_WORDS in page(browser.get(f"{BASE}{application.pk}/")).one("#in-force").get_text()


def test_going_over_to_the_profile_is_a_difference_the_reviewer_sees(davide: User) -> None:
    olga = people.olga()
    application = registrations.approved(davide, olga)
    browser = signed_in(davide)
    address = f"{BASE}{application.pk}/registration/"
    check = browser.get(browser.post(address, fields(browser.get(address)) | FAPI | {"then": "check"})["Location"])
    assert browser.post(check.wsgi_request.path, fields(check)).status_code == 303
    revision = application.revisions.get(number=2)
    shown = page(signed_in(olga).get(f"{STAFF}review/{revision.pk}/"))
    added = [item.get_text() for item in shown.select(".value--added .value__text")]
    assert IN_WORDS in added
    assert {"PS256", FAPI["jwks_uri"]} <= set(added)


def test_the_token_endpoint_as_audience_is_registered_reviewed_and_never_under_fapi(davide: User) -> None:
    olga = people.olga()
    keyed = FAPI | {"profile": "", "token_endpoint_audience": "on"}
    revision = register(signed_in(davide), **keyed).revisions.get()
    assert revision.token_endpoint_audience
    shown = page(signed_in(olga).get(f"{STAFF}review/{revision.pk}/")).get_text()
    assert "The issuer, or the address of the token endpoint" in shown
    for other in ({"profile": "fapi2"}, {"token_endpoint_auth_method": "client_secret"}):
        changed = register(signed_in(davide), **keyed | {"name": f"Agenda {len(other)}{other!s:.12}"} | other)
        assert not changed.revisions.get().token_endpoint_audience


REASON = "passport-openidconnect 0.1 cannot send a code_challenge."


def test_the_exception_of_pkce_is_asked_for_with_a_reason_that_the_reviewer_reads(davide: User) -> None:
    olga = people.olga()
    revision = register(signed_in(davide), pkce_exception=f"  {REASON}\r\n").revisions.get()
    assert revision.pkce_exception == REASON
    shown = page(signed_in(olga).get(f"{STAFF}review/{revision.pk}/")).get_text(" ", strip=True)
    assert REASON in shown
    assert "It cannot use PKCE" in shown
    services.approve(revision, Origin(olga))
    for reader, address in ((davide, BASE), (olga, STAFF)):
        told = page(signed_in(reader).get(f"{address}{revision.application_id}/")).get_text(" ", strip=True)
        assert "nonce" in told


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"pkce_exception": "cannot"}, "at least 10 characters"),
        ({"pkce_exception": "x" * 501}, "500"),
        ({"pkce_exception": REASON, "scope:openid": None}, "it needs the scope openid"),
        ({"pkce_exception": REASON, "profile": "fapi2"}, "FAPI 2.0 needs PKCE always"),
    ],
)
def test_an_exception_that_cannot_be_is_told_beside_its_field(
    davide: User, changes: dict[str, str | None], said: str
) -> None:
    sent = {name: value for name, value in (DETAILS | REGISTRATION | FAPI | changes).items() if value is not None}
    if "profile" not in changes:
        sent["profile"] = ""
    response = signed_in(davide).post(NEW, sent | {"then": "check"})
    assert response.status_code == 422
    fault = page(response).select_one("#id_pkce_exception_fault")
    assert fault is not None
    assert said in fault.get_text()


def test_an_application_that_is_protected_by_pkce_alone_gets_no_exception(davide: User) -> None:
    changes = {"type": "native", "redirect_uris": "http://127.0.0.1/callback", "pkce_exception": REASON}
    assert register(signed_in(davide), **changes).revisions.get().pkce_exception == ""


def test_each_fault_against_the_profile_stands_beside_its_field(davide: User) -> None:
    sent = (
        DETAILS
        | REGISTRATION
        | {"profile": "fapi2", "redirect_uris": "https://a.example/cb\r\nhttp://127.0.0.1:1/cb", "then": "check"}
    )
    response = signed_in(davide).post(NEW, sent)
    assert response.status_code == 422
    shown = page(response)
    for name in ("token_endpoint_auth_method", "id_token_alg", "redirect_uris"):
        assert "FAPI 2.0 needs" in shown.one(f"#id_{name}_fault").get_text(), name
    assert not shown.select_one("#id_jwks_fault")
    assert fields(response)["profile"] == "fapi2"
    assert not Application.objects.exists()


def test_an_application_that_cannot_keep_a_key_cannot_take_the_profile(davide: User) -> None:
    sent = DETAILS | REGISTRATION | FAPI | {"type": "spa", "then": "check"}
    shown = page(signed_in(davide).post(NEW, sent))
    assert "FAPI 2.0 is for web applications" in shown.one("#id_profile_fault").get_text()


def test_an_unknown_profile_is_refused_and_writes_nothing(davide: User) -> None:
    response = signed_in(davide).post(NEW, DETAILS | REGISTRATION | {"profile": "fapi9", "then": "save"})
    assert response.status_code == 422
    assert not Application.objects.exists()


def test_pkce_cannot_be_made_optional_under_the_profile(davide: User) -> None:
    olga = people.olga()
    application = registrations.approved(davide, olga, **FAPI)
    desk = signed_in(olga)
    assert f"{STAFF}{application.pk}/pkce/" not in desk.get(f"{STAFF}{application.pk}/").content.decode()
    response = desk.post(f"{STAFF}{application.pk}/pkce/", {"text": "It cannot do it."})
    assert response.status_code == 409
    assert "FAPI 2.0, which needs PKCE always" in response.content.decode()


@pytest.mark.parametrize("alg", ["RS256", "ES256", "PS256", "EdDSA"])
def test_every_algorithm_we_have_keys_for_can_be_chosen(davide: User, alg: str) -> None:
    assert register(signed_in(davide), id_token_alg=alg).revisions.get().id_token_alg == alg


def test_signed_userinfo_can_be_chosen_is_reviewed_and_is_plain_again_when_left_empty(davide: User) -> None:
    browser, olga = signed_in(davide), people.olga()
    application = register(browser, userinfo_alg="ES256")
    revision = application.revisions.get()
    assert revision.userinfo_alg == "ES256"
    shown = page(signed_in(olga).get(f"{STAFF}review/{revision.pk}/"))
    assert "Signature of UserInfo" in shown.get_text()
    services.approve(revision, Origin(olga))
    address = f"{BASE}{application.pk}/registration/"
    sent = fields(browser.get(address)) | {"userinfo_alg": "", "then": "save"}
    assert browser.post(address, sent).status_code == 303
    assert application.revisions.get(number=2).userinfo_alg == ""


def test_an_address_for_back_channel_logout_is_kept_reviewed_and_shown_again(davide: User) -> None:
    uri = "https://app.facile.example/signed-out?from=varco"
    browser = signed_in(davide)
    application = register(browser, backchannel_logout_uri=uri)
    revision = application.revisions.get()
    assert revision.backchannel_logout_uri == uri
    assert uri in signed_in(people.olga()).get(f"{STAFF}review/{revision.pk}/").content.decode()
    services.withdraw(application, Origin(davide))
    assert fields(browser.get(f"{BASE}{application.pk}/registration/"))["backchannel_logout_uri"] == uri


@pytest.mark.parametrize(
    "uri", ["http://app.facile.example/out", "http://localhost/out", "https://app.facile.example/out#x", "nowhere"]
)
def test_an_address_that_our_server_should_not_call_is_a_fault_beside_its_field(davide: User, uri: str) -> None:
    sent = DETAILS | REGISTRATION | {"backchannel_logout_uri": uri, "then": "check"}
    assert page(signed_in(davide).post(NEW, sent)).select_one("#id_backchannel_logout_uri_fault")


def test_an_address_too_long_to_be_kept_is_told_even_of_a_draft(davide: User) -> None:
    uri = "https://app.facile.example/" + "x" * 600
    sent = DETAILS | REGISTRATION | {"backchannel_logout_uri": uri, "then": "save"}
    assert signed_in(davide).post(NEW, sent).status_code == 422
    assert not Application.objects.exists()
