"""What confines every page, where links lead, and how static files travel."""

import dataclasses
import gzip
import re
from typing import Any

import pytest
from django.test import Client

from tests.portal.conftest import AsUser
from tests.support import people
from varco.audit.models import Event
from varco.mail.models import Message
from varco.page_headers import content_security_policy

pytestmark = pytest.mark.either_engine

ISSUER = "http://localhost:8000"
CONFINED = "default-src 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'; form-action 'self'"


@pytest.mark.parametrize("path", ["/", "/account/login/", "/account/password/reset/", "/nothing-here", "/styleguide/"])
def test_every_page_is_confined(browser: Client, path: str) -> None:
    answer = browser.get(path)
    assert answer["Content-Security-Policy"] == CONFINED
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Cache-Control"].startswith(("no-store", "max-age=0"))
    assert "no-store" in answer["Cache-Control"]
    assert "camera=()" in answer["Permissions-Policy"]
    assert re.fullmatch(r"[0-9a-f]{16}", answer["X-Request-Id"])
    assert "Strict-Transport-Security" not in answer


def test_pages_hold_no_script_or_style_of_their_own(as_user: AsUser) -> None:
    browser = as_user(people.davide())
    for path in ("/", "/account/", "/account/2fa/", "/account/sessions/", "/styleguide/", "/demo/mailbox/"):
        text = browser.get(path).content.decode()
        assert not re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/json)|<style|\sstyle=|\son[a-z]+=", text), path
        assert not re.search(r"(?:src|href|action)=\"(?:https?:)?//", text), path


def test_https_is_remembered_by_browsers(browser: Client, settings: Any) -> None:
    settings.VARCO = dataclasses.replace(settings.VARCO, issuer="https://login.example.org")
    assert browser.get("/account/login/")["Strict-Transport-Security"] == "max-age=31536000"


def test_a_page_whose_form_may_leave_differs_in_that_one_rule() -> None:
    assert content_security_policy() == CONFINED
    assert content_security_policy(form_may_leave=True) == CONFINED.removesuffix("; form-action 'self'")


def test_a_form_with_a_password_is_answered_with_303(browser: Client) -> None:
    """With 307 a browser would post the password on, with 302 it may (RFC 9700 §4.12)."""
    user = people.dario()
    signed_in = browser.post("/account/login/", {"login": user.email, "password": people.PASSWORD})
    again = browser.post("/account/reauthenticate/?next=/", {"password": people.PASSWORD})
    out = browser.post("/account/logout/")
    assert [answer.status_code for answer in (signed_in, again, out)] == [303] * 3


def test_no_script_of_another_site_reads_a_page(browser: Client) -> None:
    """The authorization endpoint is gone to, never fetched, so no origin is let in (RFC 9700 §2.6)."""
    people.application(people.davide(), type="spa", redirect_uris=["https://spa.example/cb"])
    headers = {"origin": "https://spa.example", "access-control-request-method": "GET"}
    for path in ("/oauth2/authorize", "/account/login/", "/device", "/oauth2/logout"):
        for answer in (browser.get(path, headers=headers), browser.options(path, headers=headers)):
            assert not any(name.lower().startswith("access-control-") for name in answer.headers), path


def test_links_in_mail_ignore_the_host_of_the_request(browser: Client) -> None:
    people.dario()
    headers = {"host": "evil.example", "x-forwarded-host": "evil.example", "x-forwarded-proto": "https"}
    browser.post("/account/password/reset/", {"email": "dario@aurora.example"}, headers=headers)
    text = Message.objects.get().text
    assert f"{ISSUER}/account/password/reset/key/" in text
    assert "evil" not in text


def test_the_address_of_a_person_is_the_peer_never_a_header(browser: Client) -> None:
    user = people.dario()
    sent = {"login": user.email, "password": people.PASSWORD}
    browser.post("/account/login/", sent, headers={"x-forwarded-for": "203.0.113.9"}, REMOTE_ADDR="198.51.100.7")
    assert Event.objects.get(tag="account.signed_in").ip == "198.51.100.7"


def stylesheet(browser: Client) -> str:
    found = re.search(r'href="(/static/varco/varco\.[0-9a-f]{12}\.css)"', browser.get("/").content.decode())
    assert found
    return found[1]


def test_a_static_file_is_named_by_its_content_and_kept_for_good(browser: Client) -> None:
    answer = browser.get(stylesheet(browser))
    assert answer["Content-Type"] == "text/css; charset=utf-8"
    assert answer["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert b"--ground" in answer.content
    assert b"@media print" in answer.content


def test_a_static_file_travels_compressed_to_those_who_can(browser: Client) -> None:
    address = stylesheet(browser)
    plain = browser.get(address)
    packed = browser.get(address, headers={"accept-encoding": "gzip, br"})
    assert packed["Content-Encoding"] == "gzip"
    assert packed["Vary"] == plain["Vary"] == "Accept-Encoding"
    assert gzip.decompress(packed.content) == plain.content
    assert int(packed["Content-Length"]) == len(packed.content) < len(plain.content) / 3


def test_a_static_file_touches_neither_session_nor_database(browser: Client, django_assert_num_queries: Any) -> None:
    address = stylesheet(browser)
    with django_assert_num_queries(0):
        answer = browser.get(address)
    assert not answer.cookies


@pytest.mark.parametrize(
    "path",
    ["/static/varco/varco.css", "/static/varco/varco.000000000000.css", "/static/../settings.py", "/static/varco/css/"],
)
def test_no_other_static_address_exists(browser: Client, path: str) -> None:
    assert browser.get(path).status_code == 404


def test_static_files_take_no_forms(browser: Client) -> None:
    assert browser.post(stylesheet(browser)).status_code == 405


def test_sign_in_weighs_less_than_60_kb(browser: Client) -> None:
    text = browser.get("/account/login/").content.decode()
    loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', text)
    sizes = [len(browser.get(path, headers={"accept-encoding": "gzip"}).content) for path in loaded]
    assert 5_000 < len(text) + sum(sizes) < 60_000


def test_what_a_form_posts_goes_no_further_than_here(db: None) -> None:
    """303, never 307 or 308, and not 302 either, whoever answers: our pages and the library's (RFC 9700 §4.12)."""
    dario, browser, new = people.dario(), Client(), "another horse battery staple"
    signed_in = browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD})
    assert (signed_in.status_code, signed_in["Location"]) == (303, "/")
    for address, fields in (
        ("/account/profile/", {"given_name": "Dario", "family_name": "Aurora", "language": "en"}),
        ("/language/", {"language": "it", "next": "/"}),
        ("/account/password/change/", {"oldpassword": people.PASSWORD, "password1": new, "password2": new}),
        ("/account/logout/", {}),
    ):
        assert browser.post(address, fields).status_code == 303, address
