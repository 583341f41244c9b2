"""A running gate, and grants as the consent page would have made them."""

import asyncio
import base64
import hashlib
import secrets
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from httpx import Response

from tests.conftest import FrozenClock
from tests.support import kept_gate_loop, people
from tests.support.people import Registered
from varco import config
from varco.accounts.models import User
from varco.audit.models import Event
from varco.gate.app import Gate, create
from varco.gate.context import GateContext
from varco.grants.models import Grant
from varco.keys import services as keys
from varco.keys.models import SigningKey

with warnings.catch_warnings():  # it would rather have httpx's successor, which nothing else here needs
    warnings.simplefilter("ignore")
    from starlette.testclient import TestClient as TestClient  # noqa: PLC0414 - from here for tests that are elsewhere

VERIFIER = "a-code-verifier-of-43-characters-or-more-0123456789"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()

DEVICE_CODE = "urn:ietf:params:oauth:grant-type:device_code"
OF_A_DEVICE = [DEVICE_CODE, "refresh_token"]
EVERY_GRANT_TYPE = ["authorization_code", *OF_A_DEVICE]


MakeGate = Callable[..., TestClient]


@pytest.fixture
def settings_of_gate(database_urls: dict[str, str]) -> Callable[..., config.Settings]:
    """Settings on this run's databases, with changes as `VARCO_` variables without the prefix."""

    def load(**changes: str) -> config.Settings:
        environment = {"VARCO_ISSUER": "http://localhost:8000", "VARCO_API_URL": "https://api.example"}
        environment |= {f"VARCO_{alias.upper()}_DATABASE": url for alias, url in database_urls.items()}
        environment |= {f"VARCO_{name.upper()}": value for name, value in changes.items()}
        return config.load(environment)

    return load


@pytest.fixture
def signing_keys(database_urls: dict[str, str], frozen: FrozenClock) -> None:
    """Keys to sign with. They are made once for each moment that a test begins at, and copied for the others."""
    known = _KEYS.get(frozen.seconds)
    if known is None:
        keys.ensure(algorithms=["ES256", "RS256"])
        _KEYS[frozen.seconds] = list(SigningKey.objects.all()), list(Event.objects.all())
        return
    made, events = known
    SigningKey.objects.bulk_create(made)
    Event.objects.bulk_create(events)


_KEYS: dict[int, tuple[list[SigningKey], list[Event]]] = {}


@pytest.fixture
def make_gate(
    settings_of_gate: Callable[..., config.Settings], signing_keys: None, frozen: FrozenClock
) -> Iterator[MakeGate]:
    """Starts gates; each is stopped, and has written everything, at the latest when the test ends."""
    running: list[TestClient] = []

    def start(fallback: Any = None, client: tuple[str, int] = ("192.0.2.7", 50000), **changes: str) -> TestClient:
        gate: Gate = create(settings_of_gate(**changes), MASTERS, fallback=fallback, clock_ms=frozen)
        browser = TestClient(gate, base_url="http://localhost:8000", raise_server_exceptions=True, client=client)
        browser.__enter__()
        running.append(browser)
        return browser

    with kept_gate_loop.in_use():
        yield start
        for browser in running:
            browser.__exit__(None, None, None)


@pytest.fixture
def gate(make_gate: MakeGate) -> TestClient:
    return make_gate()


MASTERS = config.master_keys(config.load())


@pytest.fixture
def app(transactional_db: None, frozen: FrozenClock) -> Registered:
    return people.application(people.davide())


@pytest.fixture
def everything(transactional_db: None, frozen: FrozenClock) -> Registered:
    """An application that may use every endpoint."""
    return people.application(people.davide(), grant_types=EVERY_GRANT_TYPE)


@pytest.fixture
def dario(transactional_db: None, frozen: FrozenClock) -> User:
    return people.dario()


def grant(user: User, app: Registered, scopes: str = "", **changes: Any) -> tuple[Grant, str]:
    """A grant whose code was just issued, and the code."""
    from varco import clock

    code = f"vac.{secrets.token_urlsafe(32)}"
    fields: dict[str, Any] = {
        "scopes": scopes or "openid profile email offline_access giponext.patients",
        "claims": "profile email tenant",
        "code_hash": hashlib.sha256(code.encode()).hexdigest(),
        "code_expires_at": clock.now() + 60,
        "expires_at": clock.now() + 60,
        "redirect_uri": people.CALLBACK,
        "code_challenge": CHALLENGE,
        "code_challenge_method": "S256",
        "nonce": "n-0S6_WzA2Mj",
        "auth_time": clock.now() - 5,
        "amr": "pwd",
    } | changes
    made = Grant.objects.create(
        user=user, application=app.application, tenant=fields.pop("tenant", None) or user.membership.tenant, **fields
    )
    return made, code


def redeem(gate: TestClient, app: Registered, code: str, **changes: str) -> Response:
    """Exchange a code the way the application would."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": people.CALLBACK,
        "code_verifier": VERIFIER,
    } | changes
    return post_token(gate, app, form)


def refresh(gate: TestClient, app: Registered, token: str, **changes: str) -> Response:
    """Use a refresh token the way the application would."""
    return post_token(gate, app, {"grant_type": "refresh_token", "refresh_token": token} | changes)


def post_token(gate: TestClient, app: Registered, form: dict[str, str]) -> Response:
    if app.secret:
        return gate.post("/oauth2/token", data=form, auth=(app.client_id, app.secret))
    return gate.post("/oauth2/token", data=form | {"client_id": app.client_id})


def tokens(gate: TestClient, user: User, app: Registered, scopes: str = "", **changes: Any) -> dict[str, Any]:
    """The tokens of a fresh grant."""
    _, code = grant(user, app, scopes, **changes)
    answer = redeem(gate, app, code)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def bearing(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def core_of(gate: TestClient) -> GateContext:
    """What the endpoints of a running gate share."""
    running: Any = gate.app
    context: GateContext = running.context
    return context


def on_its_loop(gate: TestClient, act: Callable[..., Any], *arguments: Any) -> Any:
    """Run a coroutine function of the gate on the loop it runs on."""
    assert gate.portal is not None
    return gate.portal.call(act, *arguments)


def written(gate: TestClient) -> None:
    """Let the gate write down what it would write within a second."""
    on_its_loop(gate, core_of(gate).flush)


@contextmanager
def blocked_writing(gate: TestClient, alias: str = "") -> Iterator[None]:
    """Meanwhile the gate's batches of rows come no further than the database, and wait there."""
    database = core_of(gate).stores.clinics[alias] if alias else core_of(gate).platform
    write_many = database.write_many
    go_on = asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def blocked(*arguments: Any) -> None:
        loops.append(asyncio.get_running_loop())
        await go_on.wait()
        await write_many(*arguments)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(database, "write_many", blocked)
        try:
            yield
        finally:
            for loop in loops[:1]:  # whoever waits already is woken on the loop
                loop.call_soon_threadsafe(go_on.set)
            if not loops:
                go_on.set()
