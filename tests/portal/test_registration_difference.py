"""What a revision changes against what is in force, as a reviewer reads it (S13)."""

from dataclasses import replace

from tests.support import registrations
from varco.portal.common.registration_difference import difference, rows
from varco.registry.registration import Registration, ScopeRequest


def marks(before: Registration, after: Registration) -> dict[str, list[tuple[str, str, str]]]:
    """Marked values by field: (text, mark, former note)."""
    return {
        row.field: [(item.text, item.mark, item.was) for item in row.items if item.mark]
        for row in difference(before.normalised(), after.normalised())
    }


def test_nothing_differs_from_itself() -> None:
    assert difference(registrations.REGISTRATION, registrations.REGISTRATION) == []


def test_added_and_removed_redirect_uris_are_marked_and_the_kept_one_stays_beside_them() -> None:
    before = registrations.registration(redirect_uris=("https://a.example/1", "https://a.example/2"))
    after = registrations.registration(redirect_uris=("https://a.example/2", "https://a.example/3"))
    (row,) = difference(before, after)
    assert [(item.text, item.mark) for item in row.items] == [
        ("https://a.example/1", "removed"),
        ("https://a.example/2", ""),
        ("https://a.example/3", "added"),
    ]


def test_another_reason_for_a_scope_is_a_change_with_the_former_one() -> None:
    before = registrations.registration(scopes=(ScopeRequest("openid", "To sign people in."),))
    after = registrations.registration(scopes=(ScopeRequest("openid", "To know who it is."),))
    assert marks(before, after) == {"scopes": [("openid", "changed", "To sign people in.")]}


def test_a_scope_that_becomes_required_is_a_change() -> None:
    before = registrations.registration(scopes=(ScopeRequest("openid", "To sign people in."),))
    after = registrations.registration(scopes=(ScopeRequest("openid", "To sign people in.", required=True),))
    assert marks(before, after) == {"scopes": [("openid", "changed", "Optional: To sign people in.")]}


def test_offline_access_shows_as_refresh_tokens_too() -> None:
    after = replace(
        registrations.REGISTRATION,
        scopes=(*registrations.REGISTRATION.scopes, ScopeRequest("offline_access", registrations.REASON)),
    )
    assert marks(registrations.REGISTRATION, after) == {
        "grant_types": [("Refresh tokens", "added", "")],
        "scopes": [("offline_access", "added", "")],
    }


def test_a_key_replaced_under_the_same_name_shows() -> None:
    def with_key(x: str) -> Registration:
        key = {"kty": "OKP", "crv": "Ed25519", "kid": "k1", "x": x}
        return registrations.registration(token_endpoint_auth_method="private_key_jwt", jwks={"keys": [key]})

    assert [mark for _, mark, _ in marks(with_key("AAA"), with_key("BBB"))["jwks"]] == ["removed", "added"]


def test_every_reviewed_field_has_a_row_of_its_own() -> None:
    everything = Registration(
        type="web",
        redirect_uris=("https://a.example/cb",),
        post_logout_redirect_uris=("https://a.example/bye",),
        scopes=registrations.REGISTRATION.scopes,
        claims=("tenant",),
        profile="fapi2",
        userinfo_alg="ES256",
        token_endpoint_auth_method="private_key_jwt",
        jwks={"keys": [{"kid": "k1", "kty": "OKP"}]},
        jwks_uri="https://a.example/jwks",
        token_endpoint_audience=True,
        acts_by_itself=True,
        pkce_exception="The library of 2014 knows no PKCE.",
        backchannel_logout_uri="https://a.example/logout",
    )
    assert {row.field for row in rows(everything)} == set(Registration.__dataclass_fields__)


def test_beside_keys_in_the_place_of_secrets_stands_what_becomes_of_the_secrets() -> None:
    before = registrations.registration(token_endpoint_auth_method="client_secret")
    keyed = registrations.registration(token_endpoint_auth_method="private_key_jwt")
    faster = replace(keyed, profile="fapi2")
    for after, words in ((keyed, "For 30 days after"), (faster, "Under FAPI 2.0 its secrets are refused")):
        (row,) = [row for row in difference(before, after) if row.field == "token_endpoint_auth_method"]
        (note,) = [item.note for item in row.items if item.mark == "added"]
        assert note.startswith(words)
    back = [item.note for row in difference(keyed, before) for item in row.items]
    assert not any("secrets" in note for note in back)
