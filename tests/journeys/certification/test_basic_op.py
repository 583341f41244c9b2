"""Basic OP: `oidcc-basic-certification-test-plan`, with discovery and static clients."""

import base64
import hashlib
import json
import time
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from tests.journeys.certification import conditions
from tests.journeys.certification.party import Party
from tests.journeys.certification.visitor import Visitor, query_of
from tests.support.demo_world import World

VERIFIER = "suite-" + "v" * 60
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


def test_server(basic: Party, visitor: Visitor) -> None:
    """oidcc-server: with all that is checked of every answer."""
    told = basic.sign_in(visitor)
    assert told.tokens["scope"] == "openid"
    assert basic.userinfo(told)["sub"] == told.claims["sub"]


def test_response_type_missing(basic: Party, visitor: Visitor) -> None:
    asked = basic.request(response_type=None)
    basic.refused(visitor.visit(basic.address(asked)), asked, "invalid_request", "unsupported_response_type")


def test_userinfo_get(basic: Party, visitor: Visitor) -> None:
    told = basic.sign_in(visitor)
    assert set(basic.userinfo(told)) == {"sub", "tenants"}


def test_userinfo_post_header(basic: Party, visitor: Visitor) -> None:
    told = basic.sign_in(visitor)
    for content_type in ("", "application/x-www-form-urlencoded"):
        headers = {"Authorization": f"Bearer {told.access_token}"} | (
            {"Content-Type": content_type} if content_type else {}
        )
        response = basic.http.post(basic.op["userinfo_endpoint"], headers=headers)
        conditions.userinfo(response, told.claims["sub"])


def test_userinfo_post_body(basic: Party, visitor: Visitor) -> None:
    told = basic.sign_in(visitor)
    response = basic.http.post(basic.op["userinfo_endpoint"], data={"access_token": told.access_token})
    conditions.userinfo(response, told.claims["sub"])


def test_ensure_request_without_nonce_succeeds_for_code_flow(basic: Party, visitor: Visitor) -> None:
    assert "nonce" not in basic.sign_in(visitor, nonce=None).claims


@pytest.mark.parametrize(
    ("scope", "expected"),
    [
        ("openid profile", {"name", "given_name", "family_name", "locale", "updated_at"}),
        ("openid email", {"email", "email_verified"}),
        ("openid address", set()),
        ("openid phone", set()),
        ("openid profile email address phone", {"name", "email"}),
        ("email openid", {"email"}),
    ],
)
def test_scopes(basic: Party, visitor: Visitor, scope: str, expected: set[str]) -> None:
    """oidcc-scope-profile, -email, -address, -phone, -all, oidcc-ensure-other-scope-order-succeeds.

    Address and phone are not in `scopes_supported`, so that the suite leaves these out; they are never an error.
    """
    told = basic.sign_in(visitor, scope=scope)
    assert expected <= set(basic.userinfo(told))
    assert set(told.tokens["scope"].split()) == set(scope.split()) & set(basic.op["scopes_supported"])


@pytest.mark.parametrize("display", ["page", "popup", "touch", "wap"])
def test_display(basic: Party, visitor: Visitor, display: str) -> None:
    """oidcc-display-page, oidcc-display-popup."""
    basic.sign_in(visitor, display=display)


def test_prompt_login(basic: Party, visitor: Visitor) -> None:
    first = basic.sign_in(visitor)
    time.sleep(1.1)
    again = basic.sign_in(visitor, prompt="login")
    assert visitor.pages == ["confirm"]
    assert again.claims["auth_time"] > first.claims["auth_time"]
    assert again.claims["sub"] == first.claims["sub"]


def test_prompt_none_not_logged_in(basic: Party, world: World) -> None:
    asked = basic.request(prompt="none")
    with world.person("doctor_aurora") as nobody:
        basic.refused(Visitor(nobody).visit(basic.address(asked)), asked, "login_required")


def test_prompt_none_logged_in(basic: Party, visitor: Visitor) -> None:
    first = basic.sign_in(visitor)
    again = basic.sign_in(visitor, prompt="none")
    assert visitor.pages == []
    assert [again.claims[name] for name in ("sub", "auth_time")] == [
        first.claims[name] for name in ("sub", "auth_time")
    ]


def test_max_age_1(basic: Party, visitor: Visitor) -> None:
    first = basic.sign_in(visitor)
    time.sleep(2)
    again = basic.sign_in(visitor, max_age="1")
    assert visitor.pages == ["confirm"]
    assert again.claims["auth_time"] > first.claims["auth_time"]
    assert time.time() - again.claims["auth_time"] < 10


def test_max_age_10000(basic: Party, visitor: Visitor) -> None:
    first = basic.sign_in(visitor)
    again = basic.sign_in(visitor, max_age="10000")
    assert visitor.pages == []
    assert again.claims["auth_time"] == first.claims["auth_time"]


@pytest.mark.parametrize(
    "extra",
    [
        {"extra": "foobar"},
        {"login_hint": "buffy@localhost.emobix.co.uk"},
        {"ui_locales": "se"},
        {"claims_locales": "se"},
        {"acr_values": "1 2"},
    ],
    ids=lambda extra: next(iter(extra)),
)
def test_requests_that_ask_for_more_than_there_is_succeed(
    basic: Party, visitor: Visitor, extra: dict[str, Any]
) -> None:
    """oidcc-ensure-request-with-unknown-parameter-succeeds, oidcc-login-hint, oidcc-ui-locales, oidcc-claims-locales,
    oidcc-ensure-request-with-acr-values-succeeds."""
    basic.sign_in(visitor, **extra)


def test_acr_values_that_are_announced_are_what_the_id_token_says(basic: Party, visitor: Visitor) -> None:
    """oidcc-ensure-request-with-acr-values-succeeds takes the values from discovery, and warns of an ID token without one."""
    announced = basic.op["acr_values_supported"]
    told = basic.sign_in(visitor, acr_values=" ".join(announced))
    assert told.claims["acr"] in announced


def test_id_token_hint(basic: Party, visitor: Visitor) -> None:
    first = basic.sign_in(visitor)
    again = basic.sign_in(visitor, prompt="none", id_token_hint=first.tokens["id_token"])
    assert again.claims["sub"] == first.claims["sub"]


def test_codereuse(basic: Party, visitor: Visitor) -> None:
    """oidcc-codereuse, oidcc-codereuse-30seconds: the second use is refused, and ends what came of the first."""
    told = basic.sign_in(visitor, scope="openid offline_access", prompt="consent")
    basic.userinfo(told)
    conditions.failure(basic.redeem(told.answer["code"]), "invalid_grant")
    headers = {"Authorization": f"Bearer {told.access_token}"}
    conditions.rejected(basic.http.get(basic.op["userinfo_endpoint"], headers=headers))
    conditions.failure(basic.refresh(told.tokens["refresh_token"]), "invalid_grant")


@pytest.mark.parametrize(
    "changed", ["{}/unregistered", "{}?foo=bar", "{}/", "{}#fragment", "https://evil.example/callback", ""]
)
def test_ensure_registered_redirect_uri(basic: Party, visitor: Visitor, changed: str) -> None:
    """oidcc-ensure-registered-redirect-uri, oidcc-redirect-uri-query-added, oidcc-redirect-uri-regfrag."""
    asked = basic.request(redirect_uri=changed.format(basic.redirect_uri))
    if changed:
        assert "redirect_uri" in visitor.stays_here(basic.address(asked)).text
    else:  # left out: RFC 6749 lets it be, where exactly one is registered
        basic.refused(
            visitor.visit(basic.address(asked | {"response_type": "token"})), asked, "unsupported_response_type"
        )


def test_a_redirect_uri_with_a_query_keeps_it(with_query: Party, visitor: Visitor) -> None:
    """oidcc-redirect-uri-query-ok, -query-mismatch, -query-added."""
    with_query.sign_in(visitor)
    assert query_of(visitor.visit(with_query.address(with_query.request())))["dummy1"] == "lorem"
    for other in ("?dummy1=lorem", "?dummy2=ipsum&dummy1=lorem", "?dummy1=lorem&dummy2=ipsum&foo=bar", "?"):
        uri = with_query.redirect_uri.partition("?")[0] + other
        visitor.stays_here(with_query.address(with_query.request(redirect_uri=uri)))


def test_ensure_post_request_succeeds(basic: Party, visitor: Visitor) -> None:
    basic.sign_in(visitor)
    asked = basic.request()
    answer = basic.answered(visitor.post(basic.op["authorization_endpoint"], asked), asked)
    assert visitor.pages == []
    basic.signed_in(asked, answer, basic.redeem(answer["code"]))


def test_server_client_secret_post(posting: Party, visitor: Visitor) -> None:
    told = posting.sign_in(visitor)
    posting.userinfo(told)


def _unsigned(claims: dict[str, Any]) -> str:
    parts = ({"alg": "none", "typ": "oauth-authz-req+jwt"}, claims)
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, ""])


def test_request_objects_are_rejected_as_unsupported(basic: Party, visitor: Visitor) -> None:
    """oidcc-unsigned-request-object-supported-correctly-or-rejected-as-unsupported,
    oidcc-ensure-request-object-with-redirect-uri, oidcc-request-uri-unsigned-…"""
    assert basic.op["request_parameter_supported"] is False
    assert basic.op["request_uri_parameter_supported"] is False
    inside = {"client_id": basic.client_id, "state": "inside", "nonce": "inside", "aud": basic.op["issuer"]}
    for outside in ({}, {"nonce": None}, {"scope": None, "nonce": None}):
        asked = basic.request(**outside) | {"request": _unsigned(inside | {"scope": "openid"})}
        basic.refused(visitor.visit(basic.address(asked)), asked, "request_not_supported")
    signed = jwt.encode({"alg": "ES256"}, inside, ECKey.generate_key("P-256"))
    asked = basic.request(request=signed)
    basic.refused(visitor.visit(basic.address(asked)), asked, "request_not_supported")
    asked = basic.request(request_uri="https://localhost.emobix.co.uk:8443/test/a/varco/requesturi#x")
    basic.refused(visitor.visit(basic.address(asked)), asked, "request_uri_not_supported")


def test_claims_essential(basic: Party, visitor: Visitor) -> None:
    told = basic.sign_in(visitor, claims=json.dumps({"userinfo": {"name": {"essential": True}}}))
    assert basic.userinfo(told)["name"] == "Dario Donati"


def test_claims_in_the_id_token(basic: Party, visitor: Visitor) -> None:
    """`auth_time` as essential, `sub` with the right value, and a claim nobody knows, which is left out."""
    sub = basic.sign_in(visitor).claims["sub"]
    wish = {"auth_time": {"essential": True}, "sub": {"value": sub}, "favourite_colour": None}
    told = basic.sign_in(visitor, claims=json.dumps({"id_token": wish}))
    assert told.claims["auth_time"]
    assert "favourite_colour" not in told.claims


def test_refresh_token(basic: Party, basic2: Party, visitor: Visitor) -> None:
    """oidcc-refresh-token: both clients come back to the address that the plan is configured with."""
    assert basic2.redirect_uri == basic.redirect_uri
    first = basic.sign_in(visitor, scope="openid offline_access", prompt="consent")
    refreshed = conditions.tokens(basic.refresh(first.tokens["refresh_token"], scope="openid"), refresh=True)
    assert refreshed["access_token"] != first.access_token
    claims = basic.claims_of(refreshed["id_token"])
    conditions.id_token(
        claims, issuer=basic.op["issuer"], client_id=basic.client_id, access_token=refreshed["access_token"]
    )
    assert claims["iat"] >= first.claims["iat"]
    same = ("iss", "sub", "aud", "auth_time")  # OpenID Connect Core §12.2
    assert [claims[name] for name in same] == [first.claims[name] for name in same]
    again = conditions.tokens(basic.refresh(refreshed["refresh_token"]), refresh=True)
    headers = {"Authorization": f"Bearer {again['access_token']}"}
    conditions.userinfo(basic.http.get(basic.op["userinfo_endpoint"], headers=headers), claims["sub"])
    conditions.failure(basic2.refresh(again["refresh_token"]), "invalid_grant")
    second = basic2.sign_in(visitor, scope="openid offline_access", prompt="consent")
    conditions.failure(basic.refresh(second.tokens["refresh_token"]), "invalid_grant")
    conditions.tokens(basic2.refresh(second.tokens["refresh_token"]), refresh=True)


def test_ensure_request_with_valid_pkce_succeeds(basic: Party, visitor: Visitor) -> None:
    pkce = {"code_challenge": CHALLENGE, "code_challenge_method": "S256"}
    basic.sign_in(visitor, {"code_verifier": VERIFIER}, **pkce)
    for wrong in (None, "w" * 43):
        asked = basic.request(**pkce)
        answer = basic.answered(visitor.visit(basic.address(asked)), asked)
        conditions.failure(basic.redeem(answer["code"], code_verifier=wrong), "invalid_grant")


def test_credentials_that_are_wrong_are_refused_without_using_the_code_up(basic: Party, visitor: Visitor) -> None:
    asked = basic.request()
    answer = basic.answered(visitor.visit(basic.address(asked)), asked)
    fields = {"grant_type": "authorization_code", "code": answer["code"], "redirect_uri": basic.redirect_uri}
    response = basic.http.post(basic.op["token_endpoint"], data=fields, auth=(basic.client_id, "wrong"))
    conditions.failure(response, "invalid_client", status=401)
    assert response.headers["www-authenticate"].startswith("Basic")
    basic.signed_in(asked, answer, basic.redeem(answer["code"]))
