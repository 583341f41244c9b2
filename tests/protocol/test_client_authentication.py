import base64
import hashlib
from urllib.parse import quote_plus

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import CLIENT_ID, NOW, client, fuzz, outcome, query, refused
from varco.protocol.client import AuthMethod, Client
from varco.protocol.client_assertion import Verified
from varco.protocol.client_authentication import ASSERTION_TYPE, Credentials, authenticate, credentials
from varco.protocol.errors import Fixer, OAuthError
from varco.protocol.jose import base64url

SECRET = "vs.Zm9v-YmFy_YmF6.0123456789"
OTHER = "vs.another-secret"


def digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def confidential(method: str = "client_secret_basic", **changes: object) -> Client:
    secrets = [(1, digest(OTHER), None), (2, digest(SECRET), NOW + 60)]
    return client(**({"token_endpoint_auth_method": method, "secrets": secrets} | changes))


def basic(user: str = CLIENT_ID, password: str = SECRET, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(f'{user}:{password}'.encode()).decode()}"


def jwt(payload: object) -> str:
    return f"e30.{base64url.encode(msgspec.json.encode(payload))}.c2ln"


# --- which credentials ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["Basic", "basic", "BASIC"])
def test_basic_credentials_are_read(scheme: str) -> None:
    expected = Credentials(method=AuthMethod.BASIC, client_id=CLIENT_ID, secret=SECRET)
    assert credentials(query(), basic(scheme=scheme)) == expected
    assert credentials(query(client_id=CLIENT_ID), basic(scheme=scheme)) == expected


def test_basic_credentials_may_be_form_encoded() -> None:
    escaped = "".join(f"%{byte:02X}" for byte in SECRET.encode())
    assert credentials(query(), basic(quote_plus(CLIENT_ID), escaped)).secret == SECRET


def test_a_header_has_a_length_that_serves_honest_clients() -> None:
    longest = basic(password="x" * 1470).ljust(2000)
    assert credentials(query(), longest).secret == "x" * 1470
    with refused("invalid_client", "RFC 6749 §2.3.1", status=401):
        credentials(query(), longest + " ")


@pytest.mark.parametrize(
    ("header", "told"),
    [
        ("Bearer x", "scheme bearer"),
        ("Basic", "scheme basic"),
        (SECRET, "no scheme that is known"),
        ("", "no scheme that is known"),
    ],
)
def test_the_trace_names_the_scheme_and_never_what_could_be_a_secret(header: str, told: str) -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1", status=401) as caught:
        credentials(query(), header)
    assert caught.value.received == told


@pytest.mark.parametrize("scheme", ["Bearer", "DPoP"])
def test_an_access_token_is_told_that_it_authenticates_no_client(scheme: str) -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1", status=401) as caught:
        credentials(query(client_id=CLIENT_ID), f"{scheme} abc.def.ghi")
    assert "an access token is for the API" in caught.value.description
    assert "abc" not in str(vars(caught.value))


def test_a_colon_belongs_to_the_password() -> None:
    assert credentials(query(), basic(password="a:b")).secret == "a:b"


def test_basic_without_a_secret_is_a_public_client() -> None:
    """So oidc-agent and Go's oauth2 send the id of one."""
    expected = Credentials(method=AuthMethod.NONE, client_id=CLIENT_ID)
    assert credentials(query(), basic(password="")) == expected
    assert credentials(query(client_id=CLIENT_ID), basic(password="")) == expected


def test_posted_credentials_are_read() -> None:
    found = credentials(query(client_id=CLIENT_ID, client_secret=SECRET), None)
    assert found == Credentials(method=AuthMethod.POST, client_id=CLIENT_ID, secret=SECRET)


def test_a_client_id_alone_is_a_public_client() -> None:
    assert credentials(query(client_id=CLIENT_ID), None) == Credentials(method=AuthMethod.NONE, client_id=CLIENT_ID)


def test_an_assertion_names_its_client() -> None:
    assertion = jwt({"sub": CLIENT_ID})
    fields = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
    expected = Credentials(method=AuthMethod.PRIVATE_KEY_JWT, client_id=CLIENT_ID, assertion=assertion)
    assert credentials(query(**fields), None) == expected
    assert credentials(query(**fields, client_id=CLIENT_ID), None) == expected


@pytest.mark.parametrize(
    ("fields", "header"),
    [
        ({"client_id": CLIENT_ID, "client_secret": SECRET}, basic()),
        ({"client_assertion": jwt({"sub": CLIENT_ID}), "client_assertion_type": ASSERTION_TYPE}, basic()),
        ({"client_assertion_type": ASSERTION_TYPE}, basic()),
        ({"client_id": CLIENT_ID, "client_secret": SECRET, "client_assertion": "a.b.c"}, None),
    ],
)
def test_two_ways_at_once_are_refused(fields: dict[str, str], header: str | None) -> None:
    with refused("invalid_request", "RFC 6749 §2.3 one authentication method") as caught:
        credentials(query(**fields), header)
    assert SECRET not in str(vars(caught.value))
    assert ("Authorization header" in caught.value.received) is (header is not None)


def test_a_body_client_id_other_than_the_basic_user_is_refused() -> None:
    with refused("invalid_request", "RFC 6749 §2.3 one client"):
        credentials(query(client_id="varco-other"), basic())


@pytest.mark.parametrize("fields", [{}, {"client_secret": SECRET}])
def test_nobody_at_all_is_refused(fields: dict[str, str]) -> None:
    with refused("invalid_client", "RFC 6749 §3.2.1", status=401):
        credentials(query(**fields), None)


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Basic",
        "Basic ",
        "Bearer abc",
        "Basic !!!",
        "Basic YQ==x",
        "Basic YQ=== ",
        "Digest x",
        "Basic a b",
        "Basic YTpi,YTpi",
        "Basic " + "QUFB" * 1000,
    ],
)
def test_a_header_that_is_not_basic_is_refused(header: str) -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1", status=401):
        credentials(query(client_id=CLIENT_ID), header)


@pytest.mark.parametrize("raw", [b"no-colon", b":secret", b"\xff\xfe:x", b"a%FF:x", b"a\x00b:x", b"%0a:x"])
def test_basic_without_id_and_secret_is_refused(raw: bytes) -> None:
    with refused("invalid_client", "RFC 7617 §2", status=401):
        credentials(query(), f"Basic {base64.b64encode(raw).decode()}")


def test_base64_of_an_impossible_length_is_refused() -> None:
    with refused("invalid_client", "RFC 7617 §2", status=401):
        credentials(query(), "Basic YWI")


@pytest.mark.parametrize(
    "fields",
    [
        {"client_assertion": jwt({"sub": CLIENT_ID})},
        {"client_assertion_type": ASSERTION_TYPE},
        {
            "client_assertion": jwt({"sub": CLIENT_ID}),
            "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:saml2-bearer",
        },
    ],
)
def test_an_assertion_needs_its_type(fields: dict[str, str]) -> None:
    with refused("invalid_client", "RFC 7521 §4.2", status=401) as caught:
        credentials(query(**fields), None)
    told = fields.get("client_assertion_type", "no client_assertion_type")
    assert caught.value.received == (told if fields.get("client_assertion") else "no client_assertion")


@pytest.mark.parametrize(
    "assertion", ["x", "a.b", "a.b.c.d", "a.!.c", jwt({}), jwt({"sub": 5}), jwt({"sub": ""}), jwt(["sub"]), f"a.{base64url.encode(b'{')}.c",
                  f"a.{base64url.encode(b'[' * 9000)}.c"]
)  # fmt: skip
def test_an_assertion_without_subject_is_refused(assertion: str) -> None:
    fields = {"client_assertion": assertion, "client_assertion_type": ASSERTION_TYPE}
    for client_id, expected in ((CLIENT_ID, CLIENT_ID), ("", "client_id")):
        with refused("invalid_client", "RFC 7523 §3 sub", status=401) as caught:
            credentials(query(**fields, client_id=client_id), None)
        assert (caught.value.received, caught.value.expected) == ("no sub", expected)


def test_an_assertion_of_another_client_is_refused() -> None:
    fields = {
        "client_assertion": jwt({"sub": "varco-other"}),
        "client_assertion_type": ASSERTION_TYPE,
        "client_id": CLIENT_ID,
    }
    with refused("invalid_client", "RFC 7523 §3 sub", status=401) as caught:
        credentials(query(**fields), None)
    assert caught.value.received == "varco-other"


# --- whether they are right -------------------------------------------------------------------------------------------


def given_secret(secret: str = SECRET, method: str = "client_secret_basic") -> Credentials:
    return Credentials(method=method, client_id=CLIENT_ID, secret=secret)  # type: ignore[arg-type]


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_any_live_secret_authenticates(method: str) -> None:
    _, first = authenticate(given_secret(OTHER, method), confidential(method), NOW)
    _, second = authenticate(given_secret(SECRET, method), confidential(method), NOW)
    assert first is not None
    assert second is not None
    assert (first.id, second.id) == (1, 2)


def test_a_public_client_authenticates_by_its_name() -> None:
    assert authenticate(Credentials(method=AuthMethod.NONE, client_id=CLIENT_ID), client(type="spa"), NOW) == (
        client(type="spa"),
        None,
    )


@pytest.mark.parametrize("secret", ["", "vs.wrong", SECRET[:-1], SECRET + " ", SECRET.upper()])
def test_another_secret_is_refused(secret: str) -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1 client_secret", status=401) as caught:
        authenticate(given_secret(secret), confidential(), NOW)
    assert not secret or secret not in str(vars(caught.value))


def test_a_digest_is_no_secret() -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1 client_secret", status=401):
        authenticate(given_secret(digest(SECRET)), confidential(), NOW)


def test_a_client_without_live_secrets_cannot_authenticate() -> None:
    with refused("invalid_client", "RFC 6749 §2.3.1 client_secret", status=401):
        authenticate(given_secret(), confidential(secrets=[]), NOW)


def test_a_secret_ends_at_its_expiry() -> None:
    assert authenticate(given_secret(), confidential(), NOW + 59)
    with refused("invalid_client", "S12 secret expiry", status=401) as caught:
        authenticate(given_secret(), confidential(), NOW + 60)
    assert "expired" in caught.value.description


def test_an_unknown_client_is_refused() -> None:
    with refused("invalid_client", "RFC 6749 §5.2 unknown client", status=401):
        authenticate(given_secret(), None, NOW)


@pytest.mark.parametrize("used", ["client_secret_basic", "client_secret_post"])
def test_a_secret_registered_for_either_place_authenticates_from_both(used: str) -> None:
    _, secret = authenticate(given_secret(SECRET, used), confidential("client_secret"), NOW)
    assert secret is not None
    with refused("invalid_client", "RFC 6749 §2.3.1 client_secret", status=401):
        authenticate(given_secret("vs.wrong", used), confidential("client_secret"), NOW)


@pytest.mark.parametrize("used", ["private_key_jwt", "none"])
def test_a_secret_registered_for_either_place_is_needed(used: str) -> None:
    with refused("invalid_client", "registered authentication method", status=401) as caught:
        authenticate(given_secret("", used), confidential("client_secret"), NOW)
    assert caught.value.expected == "client_secret_basic or client_secret_post"


@pytest.mark.parametrize(
    ("used", "registered"),
    [
        ("client_secret_basic", "client_secret_post"),
        ("client_secret_post", "client_secret_basic"),
        ("client_secret_basic", "private_key_jwt"),
        ("private_key_jwt", "client_secret_basic"),
        ("none", "client_secret_basic"),
        ("none", "private_key_jwt"),
    ],
)
def test_only_the_registered_method_is_accepted_and_is_named(used: str, registered: str) -> None:
    with refused("invalid_client", "registered authentication method", status=401) as caught:
        authenticate(given_secret(SECRET, used), confidential(registered), NOW)
    assert registered in caught.value.description
    assert ("must authenticate" in caught.value.description) is (used == "none")


@pytest.mark.parametrize("registered", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_basic_without_a_secret_opens_no_confidential_client(registered: str) -> None:
    with refused("invalid_client", "registered authentication method", status=401) as caught:
        authenticate(credentials(query(), basic(password="")), confidential(registered), NOW)
    assert "came without a secret" in caught.value.description


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post", "private_key_jwt"])
def test_a_public_client_must_not_send_a_secret(method: str) -> None:
    with refused("invalid_client", "registered authentication method", status=401) as caught:
        authenticate(given_secret(SECRET, method), client(type="native"), NOW)
    assert "public client" in caught.value.description


@pytest.mark.parametrize("state", ["suspended", "retired", "pending"])
def test_an_application_out_of_force_cannot_authenticate(state: str) -> None:
    with refused("invalid_client", "S16", status=401) as caught:
        authenticate(given_secret(), confidential(application_state=state), NOW)
    assert caught.value.fixer is Fixer.ADMINISTRATOR
    with refused("invalid_client", "S16", status=401):
        authenticate(
            Credentials(method=AuthMethod.NONE, client_id=CLIENT_ID), client(type="spa", application_state=state), NOW
        )


def test_only_the_right_secret_learns_that_an_application_is_suspended() -> None:
    with refused("invalid_client", "client_secret", status=401):
        authenticate(given_secret("vs.wrong"), confidential(application_state="suspended"), NOW)


def test_an_assertion_counts_only_once_it_was_verified_for_this_client() -> None:
    given_one, registered = given_secret("", "private_key_jwt"), confidential("private_key_jwt")
    assert authenticate(given_one, registered, NOW, verified=Verified(CLIENT_ID, "j", NOW)) == (registered, None)
    for verified in (None, Verified("varco-other", "j", NOW)):
        with refused("invalid_client", "RFC 7523 §3", status=401):
            authenticate(given_one, registered, NOW, verified=verified)


def test_credentials_never_show_a_secret() -> None:
    assert SECRET not in repr(given_secret())
    assert "a.b.c" not in repr(Credentials(method=AuthMethod.PRIVATE_KEY_JWT, client_id=CLIENT_ID, assertion="a.b.c"))


chunks = st.one_of(
    st.text(max_size=8), st.sampled_from(["Basic ", "basic", "Bearer ", "=", ":", "%", "YTpi", "/", "\x00", "é"])
)


@fuzz
@given(st.lists(chunks, max_size=6).map("".join))
def test_any_header_is_read_or_refused(header: str) -> None:
    found = outcome(lambda: credentials(query(), header))
    if isinstance(found, OAuthError):
        assert (found.error, found.status) == ("invalid_client", 401)
    else:
        assert found.client_id


@fuzz
@given(st.binary(max_size=40))
def test_any_bytes_in_basic_are_read_or_refused(raw: bytes) -> None:
    found = outcome(lambda: credentials(query(), f"Basic {base64.b64encode(raw).decode()}"))
    if isinstance(found, OAuthError):
        assert found.error == "invalid_client"
    else:
        with refused("invalid_client", status=401):
            authenticate(found, confidential(), NOW)


@fuzz
@given(
    st.lists(
        st.one_of(st.text(max_size=8), st.sampled_from([".", "e30", base64url.encode(b'{"sub":"x"}')])), max_size=6
    ).map("".join)
)
def test_any_assertion_is_read_or_refused(assertion: str) -> None:
    found = outcome(lambda: credentials(query(client_assertion=assertion, client_assertion_type=ASSERTION_TYPE), None))
    if isinstance(found, OAuthError):
        assert found.error == "invalid_client"
    else:
        assert found.client_id == "x"


@fuzz
@given(st.text("ABCxyz019._-", min_size=1, max_size=40), st.text("ABCxyz019._-", min_size=1, max_size=60))
def test_raw_and_form_encoded_credentials_of_ours_agree(user: str, password: str) -> None:
    expected = Credentials(method=AuthMethod.BASIC, client_id=user, secret=password)
    assert credentials(query(), basic(user, password)) == expected
    assert credentials(query(), basic(quote_plus(user), quote_plus(password))) == expected
