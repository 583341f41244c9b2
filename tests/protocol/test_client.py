import json
from typing import Any

import pytest

from tests.support.protocol_records import CLIENT_ID, client
from varco.protocol.client import ScopeRule, SecretRecord


def test_json_columns_may_come_as_text_or_decoded() -> None:
    listed = ["https://a.example/cb", "https://b.example/cb"]
    scopes = [{"name": "openid", "required": True, "reason": "to greet"}, {"name": "email"}]
    decoded = client(redirect_uris=listed, scopes=scopes, grant_types=["authorization_code"], jwks={"keys": []})
    texts = client(
        redirect_uris=json.dumps(listed),
        scopes=json.dumps(scopes).encode(),
        grant_types='["authorization_code"]',
        jwks='{"keys": []}',
    )
    assert decoded == texts
    assert texts.redirect_uris == ("https://a.example/cb", "https://b.example/cb")
    assert texts.grant_types == {"authorization_code"}
    assert list(texts.scopes.values()) == [
        ScopeRule("openid", required=True, reason="to greet"),
        ScopeRule("email", required=False, reason=""),
    ]


def test_every_column_finds_its_place() -> None:
    found = client(
        post_logout_redirect_uris='["https://agenda.example/bye"]',
        claims='["email"]',
        profile="fapi2",
        jwks_uri="https://a.example/k",
    )
    assert (found.application_id, found.client_id, found.name, found.state) == (7, CLIENT_ID, "Agenda Facile", "active")
    assert (found.version, found.type, found.environment) == (3, "web", "production")
    assert found.post_logout_redirect_uris == ("https://agenda.example/bye",)
    assert (found.claims, found.profile, found.jwks_uri) == (frozenset({"email"}), "fapi2", "https://a.example/k")
    assert (found.auth_method, found.id_token_alg, found.jwks) == ("client_secret_basic", "RS256", None)


def test_empty_columns_are_empty_lists() -> None:
    lists = ("grant_types", "redirect_uris", "post_logout_redirect_uris", "scopes", "claims")
    empty: tuple[object, ...] = (None, "null", "[]", [])
    for nothing in empty:
        found = client(**dict.fromkeys(lists, nothing), jwks="null", jwks_uri=None, profile=None)
        assert (found.grant_types, found.redirect_uris, found.post_logout_redirect_uris) == (frozenset(), (), ())
        assert (found.scopes, found.claims, found.jwks, found.jwks_uri, found.profile) == (
            {},
            frozenset(),
            None,
            "",
            "",
        )


def test_secrets_come_as_rows() -> None:
    assert client(secrets=[[1, "ab", None], (2, "cd", 99)]).secrets == (
        SecretRecord(1, "ab", None),
        SecretRecord(2, "cd", 99),
    )


def test_a_client_without_authentication_is_public() -> None:
    assert client().confidential
    assert not client(type="spa").confidential


@pytest.mark.parametrize(
    ("changes", "required"),
    [
        ({}, True),
        ({"pkce_required": False}, False),
        ({"pkce_required": False, "type": "native"}, True),
        ({"pkce_required": False, "profile": "fapi2", "token_endpoint_auth_method": "private_key_jwt"}, True),
    ],
)
def test_pkce_can_be_made_optional_for_confidential_clients_outside_fapi_only(
    changes: dict[str, Any], required: bool
) -> None:
    assert client(**changes).pkce_required is required


@pytest.mark.parametrize(
    "changes", [{"token_endpoint_auth_method": "none"}, {"profile": "fapi2"}, {"pkce_exception": ""}]
)
def test_only_a_confidential_client_outside_fapi_may_send_a_nonce_instead(changes: dict[str, Any]) -> None:
    asked = {"pkce_exception": "The library of 2014 knows no PKCE."}
    assert client(**asked).nonce_instead
    assert not client(**asked | changes).nonce_instead


def test_the_profile_makes_a_fapi_client() -> None:
    assert client(profile="fapi2").fapi
    assert not client(profile=None).fapi


@pytest.mark.parametrize("state", ["pending", "suspended", "retired"])
def test_only_an_active_application_is_usable(state: str) -> None:
    assert client().usable
    assert not client(application_state=state).usable
