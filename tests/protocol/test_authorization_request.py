import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import (
    API,
    CALLBACK,
    CHALLENGE,
    CLIENT_ID,
    client,
    fuzz,
    outcome,
    query,
    refused,
)
from varco.protocol import authorization_request
from varco.protocol.authorization_request import AuthorizationRequest
from varco.protocol.client import Client
from varco.protocol.errors import Fixer, OAuthError
from varco.protocol.parameters import parse_query

CATALOG = frozenset(
    {"openid", "profile", "email", "offline_access", "giponext.patients", "giponext.agenda", "giponext.invoices"}
)


def asked(**changes: str) -> dict[str, str]:
    """The parameters of a sound request; an empty change removes one."""
    fields = {
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "response_type": "code",
        "scope": "openid giponext.patients",
        "state": "xyz",
        "nonce": "n-1",
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
    }
    return fields | changes


def parse(of: Client | None = None, /, **changes: str) -> AuthorizationRequest:
    return authorization_request.parse(query(**asked(**changes)), of or client(), CATALOG)


def test_a_sound_request_is_parsed_whole() -> None:
    request = parse(
        prompt="login consent",
        max_age="3600",
        login_hint="dario@aurora.example",
        ui_locales="it en",
        id_token_hint="e.y.J",
        acr_values="mfa pwd",
        response_mode="form_post",
        dpop_jkt=CHALLENGE,
        claims='{"id_token":{"email":null}}',
        unknown="ignored",
        display="popup",
    )
    assert request == AuthorizationRequest(
        client_id=CLIENT_ID,
        redirect_uri=CALLBACK,
        redirect_uri_sent=True,
        response_type="code",
        response_mode="form_post",
        scope=("openid", "giponext.patients"),
        state="xyz",
        nonce="n-1",
        code_challenge=CHALLENGE,
        code_challenge_method="S256",
        prompt=frozenset({"login", "consent"}),
        max_age=3600,
        login_hint="dario@aurora.example",
        ui_locales="it en",
        claims='{"id_token":{"email":null}}',
        id_token_hint="e.y.J",
        acr_values=("mfa", "pwd"),
        resource=(),
        dpop_jkt=CHALLENGE,
    )


def test_a_request_can_be_stored_as_json_and_restored() -> None:
    request = parse(prompt="none", max_age="0")
    stored = json.dumps(msgspec.to_builtins(request))
    assert msgspec.convert(json.loads(stored), AuthorizationRequest) == request


# --- client and redirect URI: told on a page --------------------------------------------------------------------------


def test_a_request_without_client_id_is_refused() -> None:
    assert authorization_request.client_id_of(query(client_id=CLIENT_ID)) == CLIENT_ID
    with refused("invalid_request", "client_id"):
        authorization_request.client_id_of(query(state="x"))


def test_a_repeated_client_id_is_refused_before_anything_else() -> None:
    with refused("invalid_request", "must not be repeated"):
        authorization_request.client_id_of(query(("client_id", "a"), ("client_id", "b")))


def test_an_unknown_client_is_told_so() -> None:
    refusal = authorization_request.unknown_client("varco-nobody")
    assert (refusal.error, refusal.received) == ("invalid_request", "varco-nobody")


def test_a_redirect_uri_that_is_not_registered_is_refused_and_the_trace_shows_both() -> None:
    with refused("invalid_request", "RFC 9700 §4.1.3") as caught:
        authorization_request.redirect_uri_of(query(redirect_uri=CALLBACK + "/"), client())
    assert caught.value.received == CALLBACK + "/"
    assert caught.value.expected == CALLBACK


def test_a_repeated_redirect_uri_is_refused_on_a_page() -> None:
    parameters = query(("redirect_uri", CALLBACK), ("redirect_uri", CALLBACK))
    with refused("invalid_request", "must not be repeated"):
        authorization_request.redirect_uri_of(parameters, client())


def test_any_of_the_registered_redirect_uris_will_do() -> None:
    two = client(redirect_uris=["https://a.example/cb", CALLBACK])
    assert authorization_request.redirect_uri_of(query(redirect_uri=CALLBACK), two) == (CALLBACK, True)


def test_only_a_native_application_may_vary_the_loopback_port() -> None:
    loopback = ["http://127.0.0.1/cb"]
    received = "http://127.0.0.1:51004/cb"
    native = client(type="native", redirect_uris=loopback)
    assert authorization_request.redirect_uri_of(query(redirect_uri=received), native) == (received, True)
    for kind in ("web", "spa"):
        with refused("invalid_request", "RFC 9700 §4.1.3"):
            authorization_request.redirect_uri_of(
                query(redirect_uri=received), client(type=kind, redirect_uris=loopback)
            )


def test_the_only_redirect_uri_may_be_left_out() -> None:
    assert authorization_request.redirect_uri_of(query(), client()) == (CALLBACK, False)
    assert parse(redirect_uri="").redirect_uri_sent is False


@pytest.mark.parametrize(
    "changes", [{"redirect_uris": [CALLBACK, "https://b.example/cb"]}, {"redirect_uris": []}, {"profile": "fapi2"}]
)
def test_a_redirect_uri_cannot_be_left_out_otherwise(changes: dict[str, Any]) -> None:
    with refused("invalid_request", "RFC 6749 §3.1.2.3") as caught:
        authorization_request.redirect_uri_of(query(), client(**changes))
    registered = changes.get("redirect_uris", [CALLBACK])
    assert caught.value.expected == ("\n".join(registered) or "no redirect URI is registered")


@pytest.mark.parametrize("state", ["pending", "suspended", "retired"])
def test_an_application_out_of_force_authorizes_nobody(state: str) -> None:
    with refused("unauthorized_client", "S16") as caught:
        authorization_request.redirect_uri_of(query(redirect_uri=CALLBACK), client(application_state=state))
    assert caught.value.fixer is Fixer.ADMINISTRATOR
    with refused("unauthorized_client", "S16"):
        parse(client(application_state=state))


def test_parse_checks_the_redirect_uri_itself() -> None:
    with refused("invalid_request", "RFC 9700 §4.1.3"):
        parse(redirect_uri="https://evil.example/")


# --- everything else: told by redirect --------------------------------------------------------------------------------


def test_a_repeated_parameter_is_told_by_redirect() -> None:
    parameters = query(*asked().items(), ("scope", "email"))
    with refused("invalid_request", "must not be repeated"):
        authorization_request.parse(parameters, client(), CATALOG)


@pytest.mark.parametrize("name", ["request", "request_uri", "registration"])
def test_request_objects_are_refused_by_name_whatever_else_is_missing(name: str) -> None:
    with refused(f"{name}_not_supported", name):
        parse(response_type="", scope="", **{name: "https://agenda.example/request.jwt"})


def test_an_application_without_the_grant_type_is_refused() -> None:
    with refused("unauthorized_client", "unauthorized_client"):
        parse(client(grant_types=["urn:ietf:params:oauth:grant-type:device_code"]))


def test_a_missing_response_type_is_refused() -> None:
    with refused("invalid_request", "response_type"):
        parse(response_type="")


@pytest.mark.parametrize("response_type", ["token", "id_token", "code id_token", "code token", "none", "CODE"])
def test_implicit_and_hybrid_are_refused_with_the_reason(response_type: str) -> None:
    with refused("unsupported_response_type", "RFC 6749 §3.1.1") as caught:
        parse(response_type=response_type)
    assert "RFC 9700" in caught.value.description


@pytest.mark.parametrize("mode", ["fragment", "form_post.jwt", "web_message"])
def test_other_response_modes_are_refused(mode: str) -> None:
    with refused("invalid_request", "response_mode") as caught:
        parse(response_mode=mode)
    assert ("history" in caught.value.description) is (mode == "fragment")


def test_the_response_mode_is_query_unless_asked() -> None:
    assert parse().response_mode == "query"
    assert parse(response_mode="query").response_mode == "query"


def test_pkce_is_required_unless_the_client_is_exempt() -> None:
    with refused("invalid_request", "RFC 9700 §2.1.1"):
        parse(code_challenge="", code_challenge_method="")
    exempt = client(pkce_required=False)
    assert parse(exempt, code_challenge="", code_challenge_method="").code_challenge == ""
    with refused("invalid_request", "§4.3 code_challenge_method"):
        parse(exempt, code_challenge_method="plain")


def test_a_nonce_does_instead_of_pkce_where_the_registration_says_so() -> None:
    """RFC 9700 §2.1.1, as passport-openidconnect, flask-pyoidc and omniauth-openid-connect send it."""
    without = {"code_challenge": "", "code_challenge_method": "", "nonce": "n-0S6_WzA2Mj"}
    with refused("invalid_request", "PKCE required"):
        parse(**without)
    exempt = client(pkce_exception="The library of 2014 knows no PKCE.")
    assert parse(exempt, **without).nonce == "n-0S6_WzA2Mj"
    for changes in ({"nonce": ""}, {"scope": "giponext.patients"}, {"nonce": "", "scope": "giponext.patients"}):
        with refused("invalid_request", "PKCE or nonce required"):
            parse(exempt, **without | changes)
    with refused("invalid_request", "§4.3 code_challenge_method"):
        parse(exempt, code_challenge_method="plain")


@pytest.mark.parametrize("prompt", ["none", "login", "consent", "select_account", "login  consent", " login"])
def test_known_prompts_are_accepted(prompt: str) -> None:
    assert parse(prompt=prompt).prompt == frozenset(prompt.split())


@pytest.mark.parametrize(
    ("prompt", "rule"), [("none login", "prompt none"), ("create", "prompt"), ("None", "prompt"), ("login x", "prompt")]
)
def test_other_prompts_are_refused(prompt: str, rule: str) -> None:
    with refused("invalid_request", f"OpenID Connect Core §3.1.2.1 {rule}"):
        parse(prompt=prompt)


@pytest.mark.parametrize("max_age", ["-1", "1.5", "1e3", " 1", "٣", "315360001", "9" * 40, "+5", "abc"])
def test_a_max_age_that_is_no_sane_number_is_refused(max_age: str) -> None:
    with refused("invalid_request", "max_age"):
        parse(max_age=max_age)


def test_max_age_runs_from_zero_to_ten_years() -> None:
    assert parse(max_age="0").max_age == 0
    assert parse(max_age="315360000").max_age == 315_360_000
    assert parse().max_age is None


@pytest.mark.parametrize("jkt", ["short", CHALLENGE + "A", CHALLENGE[:-1] + "~"])
def test_a_malformed_dpop_thumbprint_is_refused(jkt: str) -> None:
    with refused("invalid_request", "RFC 9449 §10"):
        parse(dpop_jkt=jkt)


def test_the_claims_parameter_is_reduced_to_what_is_registered() -> None:
    wish = '{"userinfo":{"email":{"essential":true},"phone":null},"id_token":{"name":null}}'
    assert parse(claims=wish).claims == '{"userinfo":{"email":{"essential":true}},"id_token":{"name":null}}'
    assert parse(client(claims=["tenant"]), claims=wish).claims == ""
    with refused("invalid_request", "§5.5 claims"):
        parse(claims="[]")


def test_a_state_of_ten_kilobytes_is_carried() -> None:
    assert parse(state="s" * 10_240).state == "s" * 10_240


def test_resources_must_be_ours_where_the_caller_says_what_ours_are() -> None:
    parameters = query(*asked(resource=API).items())
    assert authorization_request.parse(parameters, client(), CATALOG, audiences={API}).resource == (API,)
    with refused("invalid_target", "RFC 8707 §2"):
        authorization_request.parse(
            query(*asked(resource="https://other.example").items()), client(), CATALOG, audiences={API}
        )


# --- scopes -----------------------------------------------------------------------------------------------------------


def test_scopes_are_kept_in_order_and_once() -> None:
    assert parse(scope="giponext.agenda openid  openid email").scope == ("giponext.agenda", "openid", "email")


def test_scopes_the_catalogue_does_not_know_are_ignored() -> None:
    assert parse(scope="openid address whatever").scope == ("openid",)


def test_a_scope_beyond_the_registration_is_refused_by_name() -> None:
    with refused("invalid_scope", "exceeds the registration") as caught:
        parse(scope="openid giponext.invoices")
    assert "giponext.invoices" in caught.value.description
    assert caught.value.received == "giponext.invoices"


@pytest.mark.parametrize("scope", ["", "unknown", "   "])
def test_a_request_for_nothing_is_refused(scope: str) -> None:
    with refused("invalid_scope", "RFC 6749 §3.3") as caught:
        parse(scope=scope)
    assert caught.value.received == (scope or "no scope")


@pytest.mark.parametrize("scope", ['openid "x"', "openid a\\b", "openid è", "openid\u00a0email"])
def test_characters_no_scope_can_have_are_refused(scope: str) -> None:
    with refused("invalid_scope", "RFC 6749 §3.3"):
        parse(scope=scope)


def test_offline_access_is_ignored_for_an_application_without_refresh_tokens() -> None:
    assert "offline_access" in parse(scope="openid offline_access").scope
    assert parse(client(grant_types=["authorization_code"]), scope="openid offline_access").scope == ("openid",)


# --- FAPI -------------------------------------------------------------------------------------------------------------


def test_a_fapi_client_must_push_its_request() -> None:
    fapi = client(profile="fapi2", token_endpoint_auth_method="private_key_jwt")
    with refused("invalid_request", "FAPI 2.0"):
        parse(fapi)
    assert authorization_request.parse(query(**asked()), fapi, CATALOG, pushed=True).client_id == CLIENT_ID


# --- answers ----------------------------------------------------------------------------------------------------------


def test_an_error_may_still_echo_state_and_mode() -> None:
    assert authorization_request.state_and_mode(query(state="s", response_mode="form_post")) == ("s", "form_post")
    assert authorization_request.state_and_mode(query(state="s", response_mode="fragment")) == ("s", "query")
    assert authorization_request.state_and_mode(query(("state", "a"), ("state", "b"))) == ("", "query")


values = st.one_of(
    st.sampled_from(
        [
            "",
            "code",
            "none",
            "login",
            "S256",
            CHALLENGE,
            CALLBACK,
            CLIENT_ID,
            "openid",
            "0",
            "query",
            "{}",
            '{"userinfo":[]}',
        ]
    ),
    st.text(max_size=20),
)
fields = st.sampled_from(
    ["client_id", "redirect_uri", "response_type", "response_mode", "scope", "state", "nonce", "code_challenge", "code_challenge_method",
     "prompt", "max_age", "claims", "id_token_hint", "resource", "dpop_jkt", "acr_values", "ui_locales", "request", "other"]
)  # fmt: skip


@fuzz
@given(st.lists(st.tuples(fields, values), max_size=6))
def test_any_mixture_of_parameters_is_accepted_or_refused(pairs: list[tuple[str, str]]) -> None:
    parameters = (
        query(*(asked() | {}).items(), *pairs)
        if pairs and pairs[0][0] == "other"
        else query(*(asked() | dict(pairs)).items())
    )
    authorization_request.state_and_mode(parameters)
    request = outcome(lambda: authorization_request.parse(parameters, client(), CATALOG, audiences={API}))
    if isinstance(request, OAuthError):
        assert request.description
    else:
        assert request.redirect_uri == CALLBACK
        assert request.code_challenge_method == "S256"


@fuzz
@given(st.binary(max_size=200))
def test_random_bytes_for_a_query_are_refused(raw: bytes) -> None:
    def whole() -> AuthorizationRequest:
        parameters = parse_query(raw, defer=True)
        authorization_request.client_id_of(parameters)
        return authorization_request.parse(parameters, client(), CATALOG)

    found = outcome(whole)
    assert isinstance(found, OAuthError)
    assert found.rule
