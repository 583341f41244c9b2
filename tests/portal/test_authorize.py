"""The authorization endpoint: what it refuses, and how it answers a sound request."""

from html import escape
from urllib.parse import quote, urlencode

import pytest
from django.test import Client

from tests.conftest import FrozenClock
from tests.support import people
from tests.support.authorization_pages import (
    AUTHORIZE,
    ISSUER,
    answer_of,
    ask,
    ask_raw,
    consent_page,
    next_page,
    parameters,
    query_of,
    signed_in,
)
from tests.support.client_response import ClientResponse
from varco.audit.models import RefusedRequest
from varco.grants.models import Grant, Interaction

pytestmark = [pytest.mark.django_db, pytest.mark.either_engine]


@pytest.fixture
def application(frozen: FrozenClock) -> people.Registered:
    return people.application(people.davide())


@pytest.fixture
def browser() -> Client:
    return Client(HTTP_ACCEPT_LANGUAGE="en")


def is_page(response: ClientResponse, status: int = 400) -> str:
    """A page that goes nowhere by itself."""
    assert response.status_code == status
    assert "Location" not in response
    assert "refresh" not in response
    assert response["Content-Type"].startswith("text/html")
    return response.content.decode()


# --- What is shown on a page and never redirected -------------------------------------------------------------------


def test_an_unknown_client_gets_a_page_with_a_reference_and_no_redirect(
    browser: Client, application: people.Registered
) -> None:
    page = is_page(ask(browser, application, client_id="varco-0000000000000000"))
    refusal = RefusedRequest.objects.get()
    assert refusal.request_id in page
    assert refusal.application_id is None
    assert "This sign-in link does not work" in page
    assert '<span lang="en">No application with this client_id' in page  # whatever language the page is in


def test_a_missing_client_id_gets_a_page(browser: Client, application: people.Registered) -> None:
    is_page(ask(browser, application, client_id=None))


def test_a_client_id_sent_twice_gets_a_page_even_if_both_are_the_same(
    browser: Client, application: people.Registered
) -> None:
    is_page(ask_raw(browser, query_of(application) + "&client_id=" + application.client_id))


def test_a_redirect_uri_sent_twice_gets_a_page(browser: Client, application: people.Registered) -> None:
    is_page(ask_raw(browser, query_of(application) + "&redirect_uri=" + quote("https://evil.example/", safe="")))


@pytest.mark.parametrize(
    "uri",
    [
        "https://evil.example/callback",
        "https://agenda.example/callback/",
        "https://agenda.example/Callback",
        "https://agenda.example/callback?",
        "https://agenda.example/callback?x=1",
        "https://agenda.example/callback#",
        "https://agenda.example/callback/..;/other",
        "https://agenda.example/callback%2f..",
        "https://agenda.example:443/callback",
        "https://agenda.example@evil.example/callback",
        "https://agenda.example.evil.example/callback",
        "http://agenda.example/callback",
        "HTTPS://agenda.example/callback",
        "//agenda.example/callback",
        "/callback",
        "javascript:alert(1)",
        "https://аgenda.example/callback",
        " https://agenda.example/callback",
    ],
)
def test_a_redirect_uri_that_is_not_the_registered_one_to_the_letter_gets_a_page(
    browser: Client, application: people.Registered, uri: str
) -> None:
    page = is_page(ask(browser, application, redirect_uri=uri))
    assert people.CALLBACK not in page.replace(escape(uri), ""), (
        "registered addresses are for the developer's trace only"
    )
    refusal = RefusedRequest.objects.get()
    assert refusal.application_id == application.application.pk
    assert refusal.expected == people.CALLBACK
    assert refusal.rule.startswith("RFC 9700")


def test_a_credential_in_the_wrong_place_is_not_kept_in_any_column(
    browser: Client, application: people.Registered
) -> None:
    """RFC 9700 §4.2: here as the name of a parameter, which the description says back to whoever sent it."""
    secret = "vs.0123456789abcdefghijklmnopqrstuvwxyz"
    answer = answer_of(ask_raw(browser, f"{query_of(application)}&{secret}=1&{secret}=2"))
    assert secret in answer["error_description"]
    row = RefusedRequest.objects.values().get()
    assert "[redacted]" in row["description"]
    assert [name for name, value in row.items() if secret[3:] in str(value)] == []


def test_what_was_received_is_escaped_on_the_page(browser: Client, application: people.Registered) -> None:
    page = is_page(ask(browser, application, redirect_uri="https://agenda.example/<script>alert(1)</script>"))
    assert "<script>alert" not in page


@pytest.mark.parametrize("state", ["suspended", "retired"])
def test_an_application_out_of_use_gets_a_page_that_says_so(
    browser: Client, application: people.Registered, state: str
) -> None:
    application.application.state = state
    application.application.save()
    assert "This application is not in use" in is_page(ask(browser, application))


def test_an_application_never_approved_has_no_client_id_and_nothing_opens_it(
    browser: Client, application: people.Registered
) -> None:
    application.application.live_revision = None
    application.application.state = "pending"
    application.application.save()
    is_page(ask(browser, application))


def test_more_parameters_than_any_client_sends_get_a_page(browser: Client, application: people.Registered) -> None:
    is_page(ask_raw(browser, query_of(application) + "".join(f"&x{number}=1" for number in range(80))))


# --- What goes back to the client -----------------------------------------------------------------------------------

FAULTS: dict[str, tuple[dict[str, str | None], str]] = {
    "no response_type": ({"response_type": None}, "invalid_request"),
    "implicit": ({"response_type": "token"}, "unsupported_response_type"),
    "hybrid": ({"response_type": "code id_token"}, "unsupported_response_type"),
    "no PKCE": ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
    "plain PKCE": ({"code_challenge_method": "plain"}, "invalid_request"),
    "PKCE without method": ({"code_challenge_method": None}, "invalid_request"),
    "a challenge of the wrong length": ({"code_challenge": "short"}, "invalid_request"),
    "a scope not approved": ({"scope": "openid giponext.invoices"}, "invalid_scope"),
    "no scope": ({"scope": None}, "invalid_scope"),
    "unknown scopes only": ({"scope": "giponext.nothing"}, "invalid_scope"),
    "none with login": ({"prompt": "none login"}, "invalid_request"),
    "an unknown prompt": ({"prompt": "create"}, "invalid_request"),
    "a negative max_age": ({"max_age": "-1"}, "invalid_request"),
    "a huge max_age": ({"max_age": "9" * 30}, "invalid_request"),
    "max_age in words": ({"max_age": "soon"}, "invalid_request"),
    "an unknown response_mode": ({"response_mode": "fragment"}, "invalid_request"),
    "a request object": ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
    "a request_uri": ({"request_uri": "https://agenda.example/r"}, "request_uri_not_supported"),
    "a foreign resource": ({"resource": "https://api.evil.example"}, "invalid_target"),
    "claims that are no JSON": ({"claims": "{"}, "invalid_request"),
    "claims that are no object": ({"claims": "[1]"}, "invalid_request"),
    "a malformed id_token_hint": ({"id_token_hint": "nonsense"}, "invalid_request"),
    "a malformed dpop_jkt": ({"dpop_jkt": "x"}, "invalid_request"),
    "a state too long": ({"state": "s" * 20_000}, "invalid_request"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_other_fault_is_redirected_with_error_state_and_iss_and_traced(
    browser: Client, application: people.Registered, fault: str
) -> None:
    changes, error = FAULTS[fault]
    answer = answer_of(ask(browser, application, **changes))
    assert answer["error"] == error
    assert answer["error_description"]
    assert answer["iss"] == ISSUER
    assert answer.get("state") == (None if fault == "a state too long" else "a state")
    assert "code" not in answer
    refusal = RefusedRequest.objects.get()
    assert (refusal.error, refusal.application_id) == (error, application.application.pk)
    assert refusal.endpoint == AUTHORIZE
    assert not Interaction.objects.exists(), "nothing is kept of a request that is refused"


def test_an_application_without_the_code_flow_is_told_so(browser: Client, application: people.Registered) -> None:
    application.revision.grant_types = ["urn:ietf:params:oauth:grant-type:device_code"]
    application.revision.save()
    assert answer_of(ask(browser, application))["error"] == "unauthorized_client"


@pytest.mark.parametrize("name", ["state", "scope", "response_type", "nonce", "prompt", "code_challenge"])
def test_a_parameter_sent_twice_is_refused_and_never_guessed_at(
    browser: Client, application: people.Registered, name: str
) -> None:
    doubled = query_of(application, prompt="login") + f"&{name}=other"
    answer = answer_of(ask_raw(browser, doubled))
    assert answer["error"] == "invalid_request"
    assert ("state" in answer) == (name != "state")


@pytest.mark.parametrize("bad", ["%ff%fe", "%00", "%", "%zz", "%0d%0aSet-Cookie:%20x=1", "\xe9", "%ED%A0%80"])
def test_bytes_that_are_no_text_are_refused_cleanly(browser: Client, application: people.Registered, bad: str) -> None:
    answer = answer_of(ask_raw(browser, query_of(application, state=None) + f"&state={bad}"))
    assert answer["error"] == "invalid_request"
    assert "state" not in answer


@pytest.mark.parametrize("bad", ["%ff", "%00", "%zz"])
def test_a_client_id_that_is_no_text_gets_a_page(browser: Client, application: people.Registered, bad: str) -> None:
    is_page(ask_raw(browser, urlencode(parameters(application, client_id=None)) + f"&client_id={bad}"))


def test_unknown_parameters_and_empty_ones_are_ignored(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    page = consent_page(browser, application, utm_source="mail", max_age="", acr_values="")
    assert page.response.status_code == 200


def test_a_credential_sent_here_by_mistake_is_not_stored(application: people.Registered) -> None:
    consent_page(signed_in(people.dario()), application, client_secret=application.secret, password="hunter2")
    stored = str(Interaction.objects.values().get())
    assert application.client_id in stored
    assert application.secret not in stored
    assert "hunter2" not in stored


def test_no_redirect_uri_means_the_only_one_registered(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    answer = answer_of(consent_page(browser, application, redirect_uri=None).accept())
    assert answer["code"]
    assert Grant.objects.get().redirect_uri_sent is False


def test_a_registered_query_is_kept_and_the_answer_comes_after_it(
    browser: Client, application: people.Registered
) -> None:
    application.revision.redirect_uris = ["https://agenda.example/callback?tenant=a%26b&x="]
    application.revision.save()
    response = ask(browser, application, redirect_uri="https://agenda.example/callback?tenant=a%26b&x=", scope=None)
    assert response["Location"].startswith("https://agenda.example/callback?tenant=a%26b&x=&error=invalid_scope&")


def test_a_native_application_may_come_back_on_any_port_and_by_its_own_scheme(browser: Client) -> None:
    native = people.application(
        people.davide(), type="native", redirect_uris=["http://127.0.0.1/cb", "com.example.agenda:/cb"]
    )
    for uri in ("http://127.0.0.1:51234/cb", "com.example.agenda:/cb"):
        assert answer_of(ask(browser, native, redirect_uri=uri, scope=None), uri)["error"] == "invalid_scope"
    is_page(ask(browser, native, redirect_uri="http://127.0.0.1:51234/cb/"))
    is_page(ask(browser, native, redirect_uri="http://localhost:51234/cb"))


# --- POST -----------------------------------------------------------------------------------------------------------


def post(browser: Client, body: str | bytes, content_type: str = "application/x-www-form-urlencoded") -> ClientResponse:
    return browser.post(AUTHORIZE, body, content_type=content_type)


def test_a_request_by_form_post_is_the_same_request(application: people.Registered) -> None:
    browser = signed_in(people.dario())
    response = post(browser, query_of(application))
    assert next_page(browser, response).status_code == 200


def test_a_form_posted_from_another_site_comes_without_cookies_and_works_all_the_same(
    application: people.Registered,
) -> None:
    """SameSite=Lax keeps the cookies back from the POST, and sends them with the GET that follows."""
    stranger = Client(HTTP_ACCEPT_LANGUAGE="en", enforce_csrf_checks=True)
    address = post(stranger, query_of(application))["Location"]
    assert not stranger.cookies
    browser = signed_in(people.dario())
    assert browser.get(address).status_code == 200
    assert signed_in(people.silvia()).get(address).status_code == 403, "the first browser has it now"


def test_faults_of_a_posted_request_are_answered_alike(browser: Client, application: people.Registered) -> None:
    assert answer_of(post(browser, query_of(application, scope=None)))["error"] == "invalid_scope"
    is_page(post(browser, query_of(application, client_id="varco-unknown")))
    is_page(post(browser, query_of(application) + f"&client_id={application.client_id}"))


@pytest.mark.parametrize("content_type", ["application/json", "multipart/form-data; boundary=x", "text/plain", ""])
def test_a_body_of_another_type_gets_a_page(browser: Client, application: people.Registered, content_type: str) -> None:
    is_page(post(browser, query_of(application).encode(), content_type))


def test_a_huge_body_gets_a_page_and_no_500(browser: Client, application: people.Registered) -> None:
    is_page(post(browser, query_of(application) + "&state=" + "x" * 3_000_000))


def test_other_methods_are_not_allowed(browser: Client, application: people.Registered) -> None:
    for method in ("put", "delete", "patch"):
        assert getattr(browser, method)(AUTHORIZE).status_code == 405


def test_a_flood_of_refusals_is_cut_in_the_trace_and_says_so(browser: Client, application: people.Registered) -> None:
    for _ in range(125):
        ask(browser, application, scope=None)
    kept = RefusedRequest.objects.filter(application_id=application.application.pk).order_by("pk")
    assert kept.count() == 121
    assert kept.latest("pk").error == "trace_incomplete"
