import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.support.protocol_records import fuzz
from varco.protocol.fault import Fault
from varco.protocol.redirect_uri import RedirectUriFault, is_loopback, matches, registration_fault

REGISTERED = "https://app.example.com/callback"


@pytest.mark.parametrize(
    "received",
    [
        "https://app.example.com/callback/",
        "https://app.example.com/Callback",
        "https://App.example.com/callback",
        "HTTPS://app.example.com/callback",
        "https://app.example.com/callback?",
        "https://app.example.com/callback?x=1",
        "https://app.example.com/callback#",
        "https://app.example.com/callback/..;/evil",
        "https://app.example.com/x/../callback",
        "https://app.example.com/./callback",
        "https://app.example.com//callback",
        "https://app.example.com/%63allback",
        "https://app.example.com:443/callback",
        "https://app.example.com:8443/callback",
        "https://app.example.com./callback",
        "https://user@app.example.com/callback",
        "https://app.example.com@evil.example/callback",
        "https://app.example.com.evil.example/callback",
        "https://evil-app.example.com/callback",
        "https://аpp.example.com/callback",
        "http://app.example.com/callback",
        " https://app.example.com/callback",
        "https://app.example.com/callback ",
        "https://app.example.com/callback\n",
        "https:app.example.com/callback",
        "//app.example.com/callback",
        "",
    ],
)
@pytest.mark.parametrize("native", [True, False])
def test_nothing_but_the_registered_uri_itself_matches(received: str, native: bool) -> None:
    assert matches(REGISTERED, REGISTERED, native=native)
    assert not matches(REGISTERED, received, native=native)


@pytest.mark.parametrize(
    ("registered", "received"),
    [
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1:8000/cb", "http://127.0.0.1/cb"),
        ("http://[::1]/cb", "http://[::1]:61023/cb"),
        ("http://localhost/cb?a=1", "http://localhost:1/cb?a=1"),
        ("http://localhost", "http://localhost:65535"),
    ],
)
def test_a_native_application_may_listen_on_any_loopback_port(registered: str, received: str) -> None:
    assert matches(registered, received, native=True)
    assert not matches(registered, received)
    assert not matches(registered, received, native=False)


@pytest.mark.parametrize(
    ("registered", "received"),
    [
        ("http://127.0.0.1/cb", "http://localhost:51004/cb"),
        ("http://localhost/cb", "http://127.0.0.1:51004/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.2:51004/cb"),
        ("http://127.0.0.1/cb", "https://127.0.0.1:51004/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb/"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb?"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/cb#x"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:51004/"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:0/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:080/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:65536/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:8a/cb"),
        ("http://127.0.0.1/cb", "http://127.0.0.1:80@evil.example/cb"),
        ("http://localhost/cb", "http://localhost:80@evil.example/cb"),
        ("http://localhost/cb", "http://localhost.evil.example/cb"),
        ("http://localhost/cb", "http://user@localhost:80/cb"),
        ("http://localhost/cb", "http://LOCALHOST:80/cb"),
        ("http://localhost", "http://localhost:80\\.evil.example"),
        ("http://localhost:80", "http://localhost:80.evil.example"),
        ("http://app.example.com/cb", "http://app.example.com:81/cb"),
        ("com.example.app:/cb", "com.example.app:80/cb"),
        ("https://app.example.com/cb", "http://127.0.0.1:80/cb"),
        ("http://127.0.0.1/cb", "https://app.example.com/cb"),
    ],
)
def test_nothing_but_the_port_of_a_loopback_uri_may_vary(registered: str, received: str) -> None:
    assert not matches(registered, received, native=True)


def test_loopback_is_recognized() -> None:
    assert is_loopback("http://localhost:3000/cb")
    assert not is_loopback("https://localhost/cb")
    assert not is_loopback("http://localhost.evil.example/")


@pytest.mark.parametrize(
    "uri",
    [
        "https://app.example.com/callback",
        "https://app.example.com",
        "https://app.example.com:8443/a/b?tenant=1&x=%20y",
        "https://app.example.com/signin-oidc;v=1",
        "https://192.168.0.10/cb",
        "https://[2001:db8::1]/cb",
        "http://localhost:3000/cb",
        "http://127.0.0.1/cb",
        "http://[::1]:8080/cb",
        "https://xn--caff-8oa.example/cb",
        "https://app.example.com/.well-known/cb",
        "https://app.example.com/a..b",
        "https://app.example.com:65535/cb",
        "https://app.example.com/" + "x" * 1976,
    ],
)
@pytest.mark.parametrize("kind", ["web", "spa", "native"])
def test_sound_uris_can_be_registered(uri: str, kind: str) -> None:
    assert registration_fault(uri, type=kind) is None


@pytest.mark.parametrize(
    "uri", ["com.example.app:/callback", "com.example.app://callback", "it.facile.my-agenda:/oauth2?x=1"]
)
def test_private_use_schemes_are_for_native_applications(uri: str) -> None:
    assert registration_fault(uri, type="native") is None
    fault = registration_fault(uri, type="web")
    assert fault is not None
    assert fault.code == RedirectUriFault.SCHEME_NATIVE_ONLY


@pytest.mark.parametrize(
    ("uri", "code"),
    [
        ("", RedirectUriFault.EMPTY),
        ("/callback", RedirectUriFault.NOT_ABSOLUTE),
        ("app.example.com/callback", RedirectUriFault.NOT_ABSOLUTE),
        ("https:///callback", RedirectUriFault.NO_HOST),
        ("https:/callback", RedirectUriFault.NO_HOST),
        ("https:callback", RedirectUriFault.NO_HOST),
        ("https://", RedirectUriFault.NO_HOST),
        ("http://", RedirectUriFault.NOT_HTTPS),
        ("http:/cb", RedirectUriFault.NOT_HTTPS),
        ("https://:8443/cb", RedirectUriFault.HOST_NOT_EXACT),
        ("https://app.example.com:/cb", RedirectUriFault.HOST_NOT_EXACT),
        ("https://app.example.com:0/cb", RedirectUriFault.HOST_NOT_EXACT),
        ("https://app.example.com:65536/cb", RedirectUriFault.PORT),
        ("https://*.example.com/cb", RedirectUriFault.WILDCARD),
        ("https://app..example.com/cb", RedirectUriFault.HOST_NOT_EXACT),
        ("https://-app.example.com/cb", RedirectUriFault.HOST_NOT_EXACT),
        ("https://user@app.example.com/cb", RedirectUriFault.USER_INFO),
        ("https://user:pw@app.example.com/cb", RedirectUriFault.USER_INFO),
        ("https://App.example.com/cb", RedirectUriFault.HOST_CASE),
        ("HTTPS://app.example.com/cb", RedirectUriFault.SCHEME_CASE),
        ("https://app.example.com/cb#fragment", RedirectUriFault.FRAGMENT),
        ("https://app.example.com/cb#", RedirectUriFault.FRAGMENT),
        ("com.example.app:/cb#x", RedirectUriFault.FRAGMENT),
        ("https://app.example.com/cb?", RedirectUriFault.BARE_QUESTION_MARK),
        ("https://app.example.com/cb?code=1", RedirectUriFault.RESPONSE_PARAMETER),
        ("https://app.example.com/cb?x=1&state=2", RedirectUriFault.RESPONSE_PARAMETER),
        ("https://app.example.com/cb?iss", RedirectUriFault.RESPONSE_PARAMETER),
        ("https://app.example.com/cb?%65rror=1", RedirectUriFault.RESPONSE_PARAMETER),
        ("com.example.app:/cb?code=1", RedirectUriFault.RESPONSE_PARAMETER),
        ("https://app.example.com/a/../cb", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/./cb", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/..", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/a/%2E%2e/cb", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/a/..;/cb", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/a/..%3Bx/cb", RedirectUriFault.DOT_SEGMENTS),
        ("com.example.app:/a/../cb", RedirectUriFault.DOT_SEGMENTS),
        ("https://app.example.com/a b", RedirectUriFault.NOT_ENCODED),
        ("https://app.example.com\\@evil.example/cb", RedirectUriFault.NOT_ENCODED),
        ("https://app.example.com/caffè", RedirectUriFault.NOT_ENCODED),
        ("https://app.example.com/cb\n", RedirectUriFault.NOT_ENCODED),
        ("https://app.example.com/%zz", RedirectUriFault.NOT_ENCODED),
        ('https://app.example.com/"><script>', RedirectUriFault.NOT_ENCODED),
        ("http://app.example.com/cb", RedirectUriFault.NOT_HTTPS),
        ("http://localhost.evil.example/cb", RedirectUriFault.NOT_HTTPS),
        ("http://127.0.0.2/cb", RedirectUriFault.NOT_HTTPS),
        ("http://127.1/cb", RedirectUriFault.NOT_HTTPS),
        ("http://evil.example@localhost/cb", RedirectUriFault.USER_INFO),
        ("http://localhost:80@evil.example/cb", RedirectUriFault.NOT_HTTPS),
        ("javascript:alert(1)", RedirectUriFault.SCHEME_UNUSABLE),
        ("data:text/html,x", RedirectUriFault.SCHEME_UNUSABLE),
        ("file:///etc/passwd", RedirectUriFault.SCHEME_UNUSABLE),
        ("vbscript:x", RedirectUriFault.SCHEME_UNUSABLE),
        ("blob:https://app.example.com/x", RedirectUriFault.SCHEME_UNUSABLE),
        ("about:blank", RedirectUriFault.SCHEME_UNUSABLE),
        ("myapp://callback", RedirectUriFault.SCHEME_UNUSABLE),
        ("urn:ietf:wg:oauth:2.0:oob", RedirectUriFault.SCHEME_UNUSABLE),
        ("com.example.app:", RedirectUriFault.PRIVATE_USE_PATH),
        ("com.example.app:callback", RedirectUriFault.PRIVATE_USE_PATH),
        ("com.example.app:@x", RedirectUriFault.PRIVATE_USE_PATH),
        ("com.example.app://user@callback", RedirectUriFault.USER_INFO),
        ("com.example.app://[callback", RedirectUriFault.PRIVATE_USE_HOST),
        ("com.example.app://callback:80/", RedirectUriFault.PRIVATE_USE_HOST),
        ("https://app.example.com/*", RedirectUriFault.WILDCARD),
        ("com..example:/cb", RedirectUriFault.SCHEME_NO_DOMAIN),
        ("com.:/cb", RedirectUriFault.SCHEME_NO_DOMAIN),
        ("https://app.example.com/" + "x" * 1977, RedirectUriFault.TOO_LONG),
    ],
)
def test_a_uri_that_could_mislead_cannot_be_registered(uri: str, code: RedirectUriFault) -> None:
    fault = registration_fault(uri, type="native")
    assert fault is not None
    assert fault.code == code


@pytest.mark.parametrize("query", ["code=1", "x=1&code=2", "%63ode"])
def test_a_fault_names_the_parameter_that_an_answer_will_carry_too(query: str) -> None:
    fault = registration_fault(f"https://app.example.com/cb?{query}", type="web")
    assert fault == Fault(RedirectUriFault.RESPONSE_PARAMETER, {"name": "code"})


uris = st.lists(
    st.one_of(
        st.sampled_from(
            ["https://", "http://", "localhost", "127.0.0.1", "[::1]", ":80", ":", "/", "/cb", "?", "?x=1", "#", "@", "..", ";", "%2e",
             "a.example", "com.a:", "javascript:", "\\", "%", "\n", "*"]
        ),
        st.text(max_size=4),
    ),
    max_size=8,
).map("".join)  # fmt: skip


def without_port(uri: str) -> str:
    return re.sub(r"\A(http://(?:[a-z0-9.]+|\[::1\])):[0-9]+", r"\1", uri)


@fuzz
@given(uris, uris)
def test_parsing_any_text_raises_nothing_and_a_match_without_equality_differs_in_the_port_only(
    one: str, other: str
) -> None:
    registration_fault(one, type="native")
    assert matches(one, one)
    if one != other and matches(one, other, native=True):
        assert is_loopback(one)
        assert is_loopback(other)
        assert without_port(one) == without_port(other)


@fuzz
@given(uris)
def test_what_can_be_registered_has_no_part_that_misleads(uri: str) -> None:
    if registration_fault(uri, type="native") is None:
        assert not any(character in uri for character in "#\\ \n*")
        assert re.match(
            r"https://[a-z0-9\[]|http://(localhost|127\.0\.0\.1|\[::1\])([:/?]|\Z)|[a-z0-9+-]+(\.[a-z0-9+-]+)+:/", uri
        )
        assert "@" not in uri.split("/")[2 if "://" in uri else 0]
