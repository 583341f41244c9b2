"""Clients that programs make of the API's own description: they fit it, and each other's answers are of the types it says."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.support.demo_world import World

NODE = Path(__file__).parent / "node"
PROGRAM = """
import json, os, sys
from api_client import AuthenticatedClient
from api_client.api.patients import create_patient, get_patient, list_patients
from api_client.models import ApiError, PagePatient, Patient, PatientFields

tenant = os.environ["TENANT"]
client = AuthenticatedClient(base_url=os.environ["API"], token=os.environ["TOKEN"])
listed = list_patients.sync(tenant, client=client, limit=2)
assert isinstance(listed, PagePatient)
first = listed.items[0]
read = get_patient.sync(tenant, first.id, client=client)
assert isinstance(read, Patient) and isinstance(read.id, int)
added = create_patient.sync_detailed(tenant, client=client, body=PatientFields(first_name="", last_name="Neri"))
assert isinstance(added.parsed, ApiError)
print(json.dumps({
    "listed": len(listed.items), "read": read == first, "refused": added.status_code,
    "fields": [fault.field for fault in added.parsed.fields],
}))
"""


@pytest.fixture(scope="module")
def settings(world: World) -> dict[str, str]:
    """Where the API is, and the access token of a doctor, as the environment of a program."""
    client = world.client("web")
    asked = "openid giponext.patients giponext.patients.write"
    scopes = " ".join(name for name in asked.split() if name in client["scopes"])
    token = world.tokens("doctor_levante", scope=scopes)["access_token"]
    return os.environ | {"API": world.api, "TOKEN": token, "TENANT": world.tenant("levante")}


@pytest.fixture(scope="module")
def description(world: World, tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("api") / "openapi.json"
    file.write_bytes(httpx.get(f"{world.api}/v2/openapi.json").content)
    return file


def ran(*command: str | Path, cwd: Path, env: dict[str, str] | None = None) -> str:
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def assert_fits(told: str) -> None:
    assert json.loads(told) == {"listed": 2, "read": True, "refused": 422, "fields": ["firstName"]}


def test_of_openapi_python_client(settings: dict[str, str], description: Path, tmp_path: Path) -> None:
    generator = Path(sys.executable).with_name("openapi-python-client")
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"post_hooks": []}))
    made: list[str | Path] = [
        generator,
        "generate",
        "--path",
        description,
        "--output-path",
        "api_client",
        "--meta",
        "none",
    ]
    told = ran(*made, "--config", config, "--fail-on-warning", cwd=tmp_path)
    assert "Warning" not in told
    assert_fits(ran(sys.executable, "-c", PROGRAM, cwd=tmp_path, env=settings))


def test_of_openapi_typescript(settings: dict[str, str], description: Path, tmp_path: Path) -> None:
    shutil.copy(NODE / "generated.mts", tmp_path)
    (tmp_path / "node_modules").symlink_to(NODE / "node_modules")
    tools = NODE / "node_modules/.bin"
    ran(tools / "openapi-typescript", description, "-o", "api.d.ts", cwd=tmp_path)
    strict = ["--strict", "--target", "es2022", "--module", "nodenext", "--skipLibCheck"]
    ran(tools / "tsc", *strict, "generated.mts", cwd=tmp_path)
    assert_fits(ran("node", "generated.mjs", cwd=tmp_path, env=settings))
