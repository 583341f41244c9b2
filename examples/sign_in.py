"""Sign a person in through Varco and read what they granted: a native application (RFC 8252) in the standard library."""

import argparse
import base64
import hashlib
import json
import secrets
import sys
import urllib.error
import urllib.request
import webbrowser
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

SCOPE = "openid profile giponext.patients"


class Callback(BaseHTTPRequestHandler):
    """Takes the browser's one return to the redirect URI."""

    answer: dict[str, str] | None = None

    def do_GET(self) -> None:
        """Keep the answer and let the person close the tab."""
        address = urlsplit(self.path)
        found = address.path == "/callback"
        if found:
            Callback.answer = {name: values[0] for name, values in parse_qs(address.query).items()}
        self.send_response(200 if found else 404)
        self.send_header("Content-Type", "text/plain; charset=utf-8")
        self.end_headers()
        self.wfile.write(b"You can close this window." if found else b"Not here.")

    def log_message(self, *_: object) -> None:
        """Say nothing: the address holds the code."""


def get(address: str, token: str = "") -> Any:
    """The JSON at an address."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as response:
        return json.load(response)


def sign_in(issuer: str, client_id: str) -> dict[str, Any]:
    """The token response, after the person has signed in and decided in their browser."""
    metadata = get(f"{issuer}/.well-known/openid-configuration")
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    with HTTPServer(("127.0.0.1", 0), Callback) as server:
        redirect_uri = f"http://127.0.0.1:{server.server_port}/callback"
        asked = {
            "response_type": "code",
            "client_id": client_id,
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
        }
        address = f"{metadata['authorization_endpoint']}?{urlencode(asked)}"
        print(f"Sign in at:\n{address}", flush=True)
        webbrowser.open(address)
        while Callback.answer is None:
            server.handle_request()
    answer = Callback.answer
    if answer.get("state") != state or answer.get("iss") != metadata["issuer"]:
        sys.exit("The answer is not of this request.")
    if "error" in answer:
        sys.exit(f"{answer['error']}: {answer.get('error_description', '')}")
    form = {
        "grant_type": "authorization_code",
        "code": answer["code"],
        "redirect_uri": redirect_uri,
        "client_id": client_id,
        "code_verifier": verifier,
    }
    with urllib.request.urlopen(metadata["token_endpoint"], urlencode(form).encode(), timeout=30) as response:
        tokens: dict[str, Any] = json.load(response)
    return tokens


def main() -> None:
    """Sign in, then say who it is and who the first patients are."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("issuer", help="for example http://localhost:8000")
    parser.add_argument("client_id")
    parser.add_argument("--api", help="the API's address, if it is not the issuer's")
    options = parser.parse_args()
    issuer = options.issuer.rstrip("/")
    api = options.api or issuer
    tokens = sign_in(issuer, options.client_id)
    print(f"Granted: {tokens['scope']}")
    person = get(f"{api}/v2/userinfo", tokens["access_token"])
    clinic = person["tenants"][0]
    print(f"{person['name']}, {clinic['name']}")
    try:
        patients = get(f"{api}/v2/tenants/{clinic['id']}/patients?limit=5", tokens["access_token"])
    except urllib.error.HTTPError as refusal:
        sys.exit(f"{refusal.code}: {json.load(refusal)['message']}")
    for patient in patients["items"]:
        print(f"  {patient['lastName']} {patient['firstName']}")


if __name__ == "__main__":
    main()
