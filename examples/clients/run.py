"""Sign in with every client library below this folder, against a demo: `python examples/clients/run.py MANIFEST [NAME…]`.

Each folder is one library; what it needs to be installed stands in `docs/clients.md`, and one that is not installed is told as such. A
client gets ISSUER, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI and SCOPE, prints an address, and what is read there ends in `sub …`: on
its own page, or in what it prints after the address of the callback was handed to it.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

ROOT = Path(__file__).parents[2]
sys.path.insert(0, str(ROOT))

from tests.support.http_person import Person, origin  # noqa: E402 - found by the line before

HERE = Path(__file__).parent
COMMANDS = {
    "client.py": [os.environ.get("CLIENTS_PYTHON", sys.executable)],
    "client.mjs": ["node"],
    "client.go": ["go", "run"],
}
CALLBACKS = {"grant": "/connect/varco/callback"}
"""Libraries that come back to an address of their own choice."""

NONCE_INSTEAD = {"oic", "flask-pyoidc", "passport-openidconnect"}
"""Libraries that cannot send a code_challenge: they use the client `web_legacy`, whose registration asks for the exception."""


def sign_in(name: str, manifest: dict[str, Any]) -> str:
    """What came of it, in a few words."""
    file = next(HERE.joinpath(name).glob("client.*"))
    key = "web_legacy" if name in NONCE_INSTEAD else "web"
    client = next(item for item in manifest["applications"] if item["key"] == key)
    account = next(item for item in manifest["accounts"] if item["key"] == "doctor_aurora")
    path = CALLBACKS.get(name, "/callback")
    uri = next(uri for uri in client["redirect_uris"] if urlsplit(uri).port == 8765 and urlsplit(uri).path == path)
    settings = {
        "ISSUER": manifest["issuer"], "CLIENT_ID": client["client_id"], "CLIENT_SECRET": client["client_secrets"][0],
        "REDIRECT_URI": uri, "SCOPE": "openid profile email offline_access",
    }  # fmt: skip
    with (
        subprocess.Popen(
            [*COMMANDS[file.name], file.name],
            cwd=file.parent,
            env=os.environ | settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as program,
        Person(manifest["issuer"], account["email"], account["password"]) as person,
    ):
        assert program.stdin
        assert program.stdout
        assert program.stderr
        try:
            address = program.stdout.readline().strip()
            if not address.startswith("http"):
                return f"it did not begin: {program.stderr.read()[-600:]}"
            if address.startswith(manifest["issuer"]):
                said, complaints = program.communicate(f"{person.authorize(address)}\n", timeout=60)
            else:
                person.origins.add(origin(address))
                page = person.open(address)
                page = person.sign_in(page) if page.soup.select("input[type=password]") else page
                if page.soup.select("button[value=accept]"):
                    page = person.press(page, "accept.*")
                said, complaints = page.text, ""
            return "signed in" if "sub user-" in said else f"failed: {said[-300:]} {complaints[-600:]}"
        finally:
            program.kill()


def main() -> int:
    manifest = json.loads(Path(sys.argv[1]).read_text("utf-8"))
    names = sys.argv[2:] or sorted(path.parent.name for path in HERE.glob("*/client.*"))
    came = {name: sign_in(name, manifest) for name in names}
    for name, what in came.items():
        print(f"{name:24} {what}")
    return 0 if all(what == "signed in" for what in came.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
