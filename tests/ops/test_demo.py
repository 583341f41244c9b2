"""`varco demo`: the world it makes, the manifest it writes, and what a second start leaves alone."""

import hashlib
import json
import sqlite3
import stat
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import psycopg
import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from tests.support.commands import Databases, Server, varco
from tests.support.postgres import free_port
from varco.accounts.models import User
from varco.ops.demo import client_file, manifest, world
from varco.ops.preflight import OperationError
from varco.protocol.jose import base64url
from varco.protocol.jose import jwk as protocol_keys

AUTHORIZATION_CODE, REFRESH = "authorization_code", "refresh_token"
DEVICE = "urn:ietf:params:oauth:grant-type:device_code"


class Demo:
    """A data directory with its databases, in which a demo can be started again and again."""

    def __init__(self, directory: Path, databases: Databases) -> None:
        self.directory = directory
        self.databases = databases
        self.manifest_file = directory / "out" / "manifest.json"
        self.port = free_port()

    def server(self, *arguments: str, **settings: str) -> Server:
        data = str(self.directory / "data")
        command = ["demo", "--data", data, "--port", "PORT", "--manifest", str(self.manifest_file), *arguments]
        server = Server(
            *command, log=self.directory / "log", **{"port": str(self.port)} | self.databases.settings | settings
        )
        server._settings.pop("issuer")
        return server

    def query(self, alias: str, statement: str) -> list[tuple[Any, ...]]:
        """Rows of one of its databases, read past the server."""
        if self.databases.settings:
            with psycopg.connect(self.databases.settings[f"{alias}_database"]) as connection:
                return connection.execute(statement).fetchall()
        with closing(sqlite3.connect(self.directory / "data" / f"{alias}.sqlite3")) as connection:
            return connection.execute(statement).fetchall()

    @property
    def manifest(self) -> dict[str, Any]:
        return dict(json.loads(self.manifest_file.read_text("utf-8")))

    def application(self, key: str) -> dict[str, Any]:
        return next(dict(item) for item in self.manifest["applications"] if item["key"] == key)


@pytest.fixture(scope="module")
def demo(engine: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    directory = tmp_path_factory.mktemp("demo")
    # On SQLite it finds nothing, not even a directory, and migrates.
    with Databases(engine, directory, migrated=directory / "data" if engine == "postgres" else None) as databases:
        yield Demo(directory, databases)


@pytest.fixture(scope="module")
def served(demo: Demo) -> Iterator[Server]:
    with demo.server() as server:
        yield server
        assert server.stop() == 0


def test_the_manifest_is_there_when_the_port_answers_and_for_its_owner_only(served: Server, demo: Demo) -> None:
    assert stat.S_IMODE(demo.manifest_file.stat().st_mode) == 0o600
    assert demo.manifest["issuer"] == demo.manifest["api"] == f"http://localhost:{served.port}"
    assert set(demo.manifest) == {"issuer", "api", "tenants", "accounts", "applications"}


def test_the_manifest_names_every_tenant_and_account(served: Server, demo: Demo) -> None:
    tenants = {tenant["key"]: tenant for tenant in demo.manifest["tenants"]}
    assert {key: tenant["kind"] for key, tenant in tenants.items()} == {
        "aurora": "production",
        "levante": "production",
        "sandbox": "sandbox",
    }
    assert all(set(tenant) == {"key", "id", "name", "kind"} for tenant in tenants.values())
    accounts = {account["key"]: account for account in demo.manifest["accounts"]}
    assert {key: (account["tenant"], account["roles"]) for key, account in accounts.items()} == {
        "operator": (None, ["operator"]),
        "support": (None, ["support"]),
        "second_operator": (None, ["operator"]),
        "colleague": ("sandbox", ["developer"]),
        "accountant_aurora": ("aurora", ["accountant"]),
        "developer": (None, ["developer"]),
        "manager_aurora": ("aurora", ["manager"]),
        "doctor_aurora": ("aurora", ["doctor"]),
        "secretary_aurora": ("aurora", ["secretary"]),
        "dpo_aurora": ("aurora", ["dpo"]),
        "manager_levante": ("levante", ["manager"]),
        "doctor_levante": ("levante", ["doctor"]),
        "sandbox_doctor": ("sandbox", ["doctor"]),
        "integrator_aurora": ("aurora", ["integrator"]),
    }
    assert all(set(account) == {"key", "email", "password", "tenant", "roles"} for account in accounts.values())
    assert all(len(account["password"]) >= 15 for account in accounts.values())


def test_the_manifest_names_every_application_and_how_it_authenticates(served: Server, demo: Demo) -> None:
    made = {item["key"]: item for item in demo.manifest["applications"]}
    seen = {
        key: (item["type"], item["token_endpoint_auth_method"], item["pkce"], len(item["client_secrets"]))
        for key, item in made.items()
    }
    assert seen == {
        "web": ("web", "client_secret_basic", "required", 1),
        "web_legacy": ("web", "client_secret_basic", "optional", 1),
        "web_post": ("web", "client_secret_post", "optional", 1),
        "spa": ("spa", "none", "required", 0),
        "native": ("native", "none", "required", 0),
        "device": ("device", "none", "required", 0),
        "fapi1": ("web", "private_key_jwt", "required", 0),
        "fapi2": ("web", "private_key_jwt", "required", 0),
    }
    assert set(made["web"]["grant_types"]) == {AUTHORIZATION_CODE, REFRESH}
    assert set(made["device"]["grant_types"]) == {DEVICE, REFRESH}
    common = {
        "key", "name", "type", "client_id", "client_secrets", "redirect_uris", "post_logout_redirect_uris", "grant_types",
        "scopes", "claims", "pkce", "token_endpoint_auth_method",
    }  # fmt: skip
    assert all(set(item) - {"jwks"} == common for item in made.values())
    for item in made.values():
        assert bool(item["redirect_uris"]) == (AUTHORIZATION_CODE in item["grant_types"])


def test_the_private_keys_of_the_fapi_clients_are_told_and_belong_to_what_is_registered(
    served: Server, demo: Demo
) -> None:
    for key in ("fapi1", "fapi2"):
        (jwk,) = demo.application(key)["jwks"]["keys"]
        private = ec.derive_private_key(int.from_bytes(base64url.decode(jwk["d"]), "big"), ec.SECP256R1())
        public = {name: value for name, value in jwk.items() if name != "d"}
        assert protocol_keys.public_jwk(private, jwk["kid"], "ES256") == public
    assert demo.application("fapi1")["jwks"] != demo.application("fapi2")["jwks"]


def test_the_table_tells_where_to_go_and_whom_to_be_but_no_secret(served: Server, demo: Demo) -> None:
    log = served.log()
    assert f"http://localhost:{served.port}" in log
    for account in demo.manifest["accounts"]:
        assert account["email"] in log
        assert account["password"] in log
    for item in demo.manifest["applications"]:
        assert item["client_id"] in log
        assert not [secret for secret in item["client_secrets"] if secret in log]


def test_nothing_secret_stands_in_the_clear_in_the_data_directory(served: Server, demo: Demo) -> None:
    data = demo.directory / "data"
    assert stat.S_IMODE(data.stat().st_mode) == 0o700
    assert stat.S_IMODE((data / "master.key").stat().st_mode) == 0o600
    hidden = [secret for item in demo.manifest["applications"] for secret in item["client_secrets"]]
    hidden += [demo.application("fapi1")["jwks"]["keys"][0]["d"], demo.manifest["accounts"][0]["password"]]
    for path in data.rglob("*"):
        if path.is_file():
            content = path.read_bytes()
            assert not [text for text in hidden if text.encode() in content], path


def test_a_second_start_keeps_everything_and_writes_the_same_manifest_but_for_another_address(
    served: Server, demo: Demo
) -> None:
    before, public = demo.manifest, "https://demo.varco.example"
    jwks = httpx.get(_jwks(served)).text
    served.stop()
    demo.manifest_file.unlink()
    with demo.server("--public-url", public) as again:
        assert demo.manifest == before | {"issuer": public, "api": public}
        metadata = httpx.get(f"{again.url}/.well-known/openid-configuration").json()
        assert metadata["token_endpoint"].startswith(f"{public}/")
        assert httpx.get(again.url + metadata["jwks_uri"].removeprefix(public)).text == jwks
        assert again.stop() == 0
    served.__enter__()


def _jwks(server: Server) -> str:
    return str(httpx.get(f"{server.url}/.well-known/openid-configuration").json()["jwks_uri"])


def test_a_port_that_is_taken_is_said_before_anything_is_made(served: Server, tmp_path: Path) -> None:
    run = varco("demo", "--data", str(tmp_path / "other"), "--port", str(served.port))
    assert (run.returncode, run.stderr.count("\n")) == (1, 1)
    assert "Address already in use" in run.stderr


def _build(directory: Path, content: str = "{}") -> dict[str, dict[str, Any]]:
    """What a start with this client file makes of the applications, in this process; the journeys' demos are served with one."""
    file = directory / "clients.json"
    file.write_text(content, "utf-8")
    document = manifest.document(*world.build(client_file.read(file)))
    return {item["key"]: item for item in document["applications"]}


@pytest.mark.one_engine
@pytest.mark.django_db
def test_a_client_file_sets_redirect_uris_and_keys_or_is_refused_in_a_line(tmp_path: Path, settings: Any) -> None:
    settings.VARCO = replace(settings.VARCO, data_dir=tmp_path)
    refused = [
        ({"web": {"redirect_uris": ["http://agenda.example/callback"]}}, "client web: redirect_uris"),
        ({"fapi1": {"jwks": {"keys": []}}}, "client fapi1: jwks"),
        ({"web": {"jwks": {"keys": []}}}, "client web: jwks: A client of type web with client_secret as"),
        ({"spa": {"pkce": "optional"}}, "client spa: This application needs PKCE always"),
    ]
    for wrong, said in refused:
        with pytest.raises(OperationError) as fault:
            _build(tmp_path, json.dumps(wrong))
        assert said in str(fault.value), wrong
        assert "\n" not in str(fault.value), wrong
    private = protocol_keys.generate("ES256")
    public = {"keys": [protocol_keys.public_jwk(private, "mine", "ES256")]}
    changes = {
        "web": {
            "redirect_uris": ["https://suite.example/test/a/x/callback"],
            "post_logout_redirect_uris": ["https://suite.example/out"],
            "pkce": "optional",
        },
        "web_legacy": {"pkce": "required"},
        "fapi1": {"jwks": public, "redirect_uris": ["https://suite.example/test/a/y/callback"]},
    }
    for _ in range(2):
        made = _build(tmp_path, json.dumps(changes))
        assert made["web"]["redirect_uris"] == ["https://suite.example/test/a/x/callback"]
        assert made["web"]["post_logout_redirect_uris"] == ["https://suite.example/out"]
        assert made["fapi1"]["redirect_uris"] == ["https://suite.example/test/a/y/callback"]
        assert "jwks" not in made["fapi1"]
        assert made["web"]["pkce"] == "optional"
        assert made["web_legacy"]["pkce"] == "required"
    # A later start without the file leaves it as it is, like everything else people did.
    later = _build(tmp_path)
    assert later["web"] == made["web"]
    assert later["fapi2"]["jwks"]["keys"][0]["d"]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "clients.json: "),
        ('{"wbe": {}}', "the demo has no client wbe"),
        ('{"web": {"redirect_urls": []}}', "unknown field `redirect_urls`"),
        ('{"web": {"pkce": "maybe"}}', "clients.json: client web: Invalid enum value 'maybe' - at `$.pkce`"),
        ('{"web": {"redirect_uris": "https://a.example"}}', "clients.json: client web: Expected `array"),
        ('{"web": 3}', "clients.json: client web: Expected `object`"),
        ("[]", "clients.json: Expected `object`"),
        (f'{{"web": {{"jwks": {"[" * 50_000}}}}}', "clients.json: "),
    ],
)
def test_a_client_file_that_cannot_be_read_says_why(tmp_path: Path, content: str, said: str) -> None:
    file = tmp_path / "clients.json"
    file.write_text(content, "utf-8")
    with pytest.raises(OperationError) as fault:
        client_file.read(file)
    assert said in str(fault.value)
    assert "\n" not in str(fault.value)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("{", "clients.json: "),
        ('{"web": {"redirect_uris": ["http://agenda.example/callback"]}}', "client web: redirect_uris"),
    ],
)
def test_a_client_file_that_cannot_be_followed_ends_the_start_with_one_line(
    tmp_path: Path, content: str, said: str
) -> None:
    file = tmp_path / "clients.json"
    file.write_text(content, "utf-8")
    data = tmp_path / "data"
    with Databases("sqlite", tmp_path, migrated=data):
        run = varco("demo", "--data", str(data), "--port", str(free_port()), "--client-file", str(file))
    assert (run.returncode, run.stderr.count("\n")) == (1, 1), run.stderr
    assert said in run.stderr


def test_the_demo_refuses_databases_that_hold_other_people(db: None) -> None:
    """Its passwords are public, so it must never be let into an installation by a setting left in the environment."""
    real = User.objects.create(email="real@clinic.example")
    with pytest.raises(OperationError, match="hold people who are not of the demo"):
        world.build({})
    assert list(User.objects.all()) == [real]


def test_secrets_of_the_manifest_are_the_registered_ones(served: Server, demo: Demo) -> None:
    digest = hashlib.sha256(demo.application("web")["client_secrets"][0].encode()).hexdigest()
    statement = f"SELECT label FROM registry_secret WHERE digest = '{digest}' AND revoked_at IS NULL"
    assert demo.query("platform", statement) == [("Demo",)]


def test_each_clinic_has_its_own_patients_and_agendas_in_its_own_database(served: Server, demo: Demo) -> None:
    for table, counts in (("patient", (320, 90, 60)), ("agenda", (7, 5, 5))):
        statement = f"SELECT tenant_id, count(*) FROM clinic_{table} GROUP BY tenant_id ORDER BY tenant_id"
        aurora, levante, sandbox = counts
        assert demo.query("clinic", statement) == [("tenant-aurora", aurora), ("tenant-levante", levante)]
        assert demo.query("sandbox", statement) == [("tenant-sandbox", sandbox)]
    shared = "SELECT fiscal_code FROM clinic_patient GROUP BY fiscal_code HAVING count(*) > 1"
    assert demo.query("clinic", shared) == []


def test_there_is_a_past_to_look_at(served: Server, demo: Demo) -> None:
    states = dict(demo.query("platform", "SELECT state, count(*) FROM registry_revision GROUP BY state"))
    assert states == {"approved": 9, "submitted": 4, "changes_requested": 1, "rejected": 1, "draft": 1}
    assert demo.query("platform", "SELECT count(*) FROM grants_consent") == [(3,)]
    assert demo.query("platform", "SELECT count(*) FROM audit_refusal WHERE request_id LIKE 'demo%'") == [(5,)]
    waiting = demo.query("platform", "SELECT max(submitted_at) FROM registry_revision WHERE state = 'submitted'")
    assert waiting[0][0] < time.time() - 3600
    kinds = demo.query("platform", "SELECT count(DISTINCT kind) FROM tickets_ticket WHERE state <> 'closed'")
    assert kinds == [(6,)], "a ticket of each kind waits"


def test_the_dates_of_that_past_agree(served: Server, demo: Demo) -> None:
    backwards = """SELECT count(*) FROM registry_revision AS later JOIN registry_revision AS earlier
        ON earlier.application_id = later.application_id AND earlier.number < later.number
        WHERE later.submitted_at < earlier.decided_at"""
    assert demo.query("platform", backwards) == [(0,)]
    unapproved = """SELECT count(*) FROM grants_consent AS consent JOIN registry_revision AS revision
        ON revision.application_id = consent.application_id AND revision.state = 'approved'
        WHERE consent.given_at < revision.decided_at"""
    assert demo.query("platform", unapproved) == [(0,)]


def test_the_help_of_the_demo_names_its_options() -> None:
    shown = varco("demo", "--help").stdout
    for option in ("--data", "--port", "--manifest", "--public-url", "--client-file", "--host", "--clock"):
        assert option in shown


def test_running_gates_drop_a_revoked_key_and_sign_with_the_next_one(served: Server, demo: Demo) -> None:
    def published() -> set[str]:
        return {key["kid"] for key in httpx.get(_jwks(served)).json()["keys"]}

    settings = demo.databases.settings | {"issuer": demo.manifest["issuer"], "data_dir": str(demo.directory / "data")}
    table = [line.split() for line in varco("keys", **settings).stdout.splitlines()[1:]]
    (active,) = [row[0] for row in table if row[1:3] == ["EdDSA", "active"]]
    assert active in published()
    assert varco("keys", "revoke", active, **settings).returncode == 0
    deadline = time.monotonic() + 40
    while active in published():
        assert time.monotonic() < deadline
        time.sleep(0.5)
    assert served.answers("/readyz")


def test_the_clock_of_a_demo_that_runs_is_moved_on_for_the_gate_and_the_portal(served: Server, demo: Demo) -> None:
    data = ["--data", str(demo.directory / "data"), "--port", str(served.port)]
    moved = varco("demo", *data, "--clock", "+15d", **demo.databases.settings)
    assert moved.returncode == 0, moved.stderr
    assert moved.stdout.startswith("The demo's clock is 15 d ahead")
    ahead = time.time() + 14 * 86400
    client_id = demo.application("device")["client_id"]
    asked = "SELECT max(expires_at) FROM grants_devicerequest"
    deadline = time.monotonic() + 20
    while not (demo.query("platform", asked)[0][0] or 0) > ahead:
        assert time.monotonic() < deadline
        print(
            httpx.post(
                f"{served.url}/oauth2/device_authorization", data={"client_id": client_id, "scope": "openid"}
            ).text
        )
        time.sleep(0.3)
    with httpx.Client(base_url=served.url, follow_redirects=True) as browser:
        browser.get("/account/password/reset/")
        token = browser.cookies["varco_csrf"]
        asking = {"email": "dario@aurora.example", "csrfmiddlewaretoken": token}
        browser.post("/account/password/reset/", data=asking, headers={"Origin": demo.manifest["issuer"]})
    assert demo.query("platform", "SELECT max(created_at) FROM mail_message")[0][0] > ahead
    wrong = varco("demo", *data, "--clock=-1d", **demo.databases.settings)
    assert (wrong.returncode, "never goes back" in wrong.stderr) == (1, True)
