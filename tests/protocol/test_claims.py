import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz, outcome, refused
from varco.protocol import claims
from varco.protocol.claims import Person, TenantFacts
from varco.protocol.errors import OAuthError

ALL = frozenset({"profile", "email", "tenant"})
DARIO = Person(
    sub="user-1",
    given_name="Dario",
    family_name="Rossi",
    locale="it",
    updated_at=5,
    email="dario@aurora.example",
    email_verified=True,
)
AURORA = TenantFacts("tenant-aurora", "Clinic Aurora")


def test_each_group_releases_its_members_and_no_others() -> None:
    profile = {
        "name": "Dario Rossi",
        "given_name": "Dario",
        "family_name": "Rossi",
        "preferred_username": "Dario Rossi",
        "locale": "it",
        "updated_at": 5,
    }
    assert claims.group_claims({"profile"}, DARIO, AURORA) == profile
    assert claims.group_claims({"email"}, DARIO, AURORA) == {"email": "dario@aurora.example", "email_verified": True}
    assert claims.group_claims({"tenant"}, DARIO, AURORA) == {
        "tenants": [{"id": "tenant-aurora", "name": "Clinic Aurora"}]
    }
    assert claims.group_claims(set(), DARIO, AURORA) == {}
    assert set(claims.group_claims(ALL, DARIO, AURORA)) == set(claims.names(ALL))


def test_what_is_not_known_is_left_out() -> None:
    assert claims.group_claims(ALL, Person(sub="user-2"), None) == {}


def test_an_unverified_address_says_so() -> None:
    assert claims.group_claims({"email"}, Person(sub="u", email="a@b.example"), None)["email_verified"] is False


def test_a_group_is_granted_when_registered_and_its_scope_was_granted_or_it_is_tenant() -> None:
    assert claims.granted_groups(ALL, {"openid", "email"}) == {"email", "tenant"}
    assert claims.granted_groups({"profile"}, {"profile", "email"}) == {"profile"}
    assert claims.granted_groups(frozenset(), {"profile", "email"}) == frozenset()


@pytest.mark.parametrize(
    ("place", "scopes", "request_", "told"),
    [
        ("userinfo", {"openid"}, "", {"tenants"}),
        ("id_token", {"openid"}, "", set()),
        ("id_token", {"openid"}, '{"id_token":{"tenants":null}}', {"tenants"}),
        ("id_token", {"openid"}, '{"userinfo":{"tenants":null}}', set()),
        ("userinfo", {"openid"}, '{"userinfo":{"name":null}}', {"tenants", "name"}),
        ("id_token", {"openid"}, '{"userinfo":{"name":null}}', set()),
        ("id_token", {"openid"}, '{"id_token":{"email":null,"auth_time":null},"userinfo":{"name":null}}', {"email"}),
        ("id_token", {"email"}, '{"id_token":{"name":null}}', {"email", "email_verified", "name"}),
        ("userinfo", {"email"}, '{"id_token":{"name":null}}', {"email", "email_verified", "tenants"}),
    ],
)
def test_a_group_is_told_by_its_scope_and_a_single_claim_where_it_was_asked_for(
    place: str, scopes: set[str], request_: str, told: set[str]
) -> None:
    found = claims.claims_at(place, DARIO, AURORA, ALL, scopes=scopes, claims_request=request_)
    assert set(found) == told


def test_a_single_claim_of_a_group_that_was_refused_is_not_told() -> None:
    request = '{"userinfo":{"name":null}}'
    assert claims.claims_at("userinfo", DARIO, AURORA, {"email"}, scopes=set(), claims_request=request) == {}


def test_a_request_for_single_claims_is_kept_within_the_registered_groups() -> None:
    wish = {
        "userinfo": {"email": {"essential": True, "odd": 1}, "name": None, "address": None},
        "id_token": {"auth_time": {"essential": True}, "acr": {"values": ["mfa", {}]}, "tenants": {"value": "x"}},
        "other": {"email": None},
    }
    assert json.loads(claims.parse_request(json.dumps(wish), {"email", "tenant"})) == {
        "userinfo": {"email": {"essential": True}},
        "id_token": {"auth_time": {"essential": True}, "acr": {"values": ["mfa"]}, "tenants": {"value": "x"}},
    }


@pytest.mark.parametrize("text", ["", "{}", '{"userinfo":{}}', '{"userinfo":null}', '{"userinfo":{"phone":null}}'])
def test_a_request_for_nothing_we_have_is_empty(text: str) -> None:
    assert claims.parse_request(text, ALL) == ""


@pytest.mark.parametrize(
    "text",
    ["{", "[]", '"x"', "1", '{"userinfo":[]}', '{"id_token":"x"}', '{"userinfo":{"email":true}}', '{"a":' * 5000],
)
def test_a_request_that_is_not_the_json_of_the_specification_is_refused(text: str) -> None:
    with refused("invalid_request", "§5.5"):
        claims.parse_request(text, ALL)


def test_a_wish_without_anything_we_know_is_a_plain_request() -> None:
    for wish in ("{}", "null", '{"essential":false,"odd":1}'):
        assert claims.parse_request(f'{{"userinfo":{{"email":{wish}}}}}', ALL) == '{"userinfo":{"email":null}}'


def test_the_groups_a_request_asks_for_are_known() -> None:
    kept = claims.parse_request('{"userinfo":{"email":null},"id_token":{"given_name":null,"acr":null}}', ALL)
    assert claims.requested_groups(kept) == {"email", "profile"}
    assert claims.requested_groups("") == frozenset()


def test_a_subject_that_an_application_insists_on_is_the_only_one_expected() -> None:
    """§3.1.2.2: no positive answer for anybody else."""
    for one in (
        '{"id_token":{"sub":{"value":"user-1"}}}',
        '{"id_token":{"sub":{"essential":true,"values":["user-0","user-1"]}}}',
        '{"userinfo":{"sub":{"value":"user-1"}}}',
    ):
        kept = claims.parse_request(one, frozenset())
        assert claims.expects(kept, "user-1")
        assert not claims.expects(kept, "user-2")
    for nobody in ('{"id_token":{"sub":{"value":5}}}', '{"id_token":{"sub":{"values":[]}}}'):
        assert not claims.expects(claims.parse_request(nobody, frozenset()), "user-1")
    for anybody in ("", '{"id_token":{"sub":null}}', '{"id_token":{"sub":{"essential":true}}}'):
        assert claims.expects(claims.parse_request(anybody, frozenset()), "user-1")


def test_someone_without_a_name_is_not_named_by_their_address() -> None:
    assert Person(sub="u", email="a@b.example").name == ""
    assert Person(sub="u", family_name="Rossi").name == "Rossi"


def test_the_groups_are_those_of_the_catalogue() -> None:
    from varco import catalog

    assert {name: claim.members for name, claim in catalog.current().claims.items()} == claims.GROUPS


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["userinfo", "id_token", "email", "sub", "value", "values", "essential", "x"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)


@fuzz
@given(json_values.map(json.dumps) | st.text(max_size=30))
def test_any_text_is_kept_or_refused(text: str) -> None:
    kept = outcome(lambda: claims.parse_request(text, ALL))
    if isinstance(kept, OAuthError):
        assert kept.error == "invalid_request"
    else:
        claims.requested_groups(kept)
        claims.expects(kept, "user-1")
        assert claims.parse_request(kept, ALL) == kept
