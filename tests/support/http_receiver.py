"""The web server of an application that we ask or tell something: https on loopback, real sockets, and a note of what came."""

import ssl
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

from joserfc import jwt
from joserfc.jwk import KeySet

from tests.support.tls import make_certificate

EVENT = "http://schemas.openid.net/event/backchannel-logout"
Answer = Callable[[BaseHTTPRequestHandler], object]


@dataclass(frozen=True)
class Request:
    path: str
    content_type: str
    form: dict[str, list[str]]
    body: str = ""
    authorization: str = ""

    @property
    def token(self) -> str:
        (text,) = self.form["logout_token"]
        return text


def say(status: int, body: bytes = b"", **headers: str) -> Answer:
    def answer(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("content-length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    return answer


class Receiver:
    """Listens at `uri` until `stop()`; `answer` can be replaced, `answers` are given first, one a request."""

    def __init__(self, directory: Path, path: str = "/backchannel?app=1") -> None:
        self.requests: list[Request] = []
        self.answers: list[Answer] = []
        self.answer = say(200)
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0)).decode()
                kind, proof = self.headers["content-type"], self.headers.get("authorization", "")
                self.noted(Request(self.path, kind, parse_qs(body), body, proof))

            def do_GET(self) -> None:
                self.noted(Request(self.path, "", {}))

            def noted(self, request: Request) -> None:
                receiver.requests.append(request)
                (receiver.answers.pop(0) if receiver.answers else receiver.answer)(self)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.certificate, key = make_certificate(directory)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, key)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.thread = threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05})
        self.thread.start()
        self.uri = f"https://localhost:{self.server.server_port}{path}"

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()
        self.thread.join()


def signed_claims(
    token: str, jwks: dict[str, Any], kind: str, *required: str, issuer: str, client_id: str, now: int
) -> dict[str, Any]:
    """The claims of a token of a kind (`typ`) that is signed, ours, for the application, and has those that are required."""
    found = jwt.decode(token, KeySet.import_key_set(jwks), algorithms=["RS256", "ES256", "PS256", "EdDSA"])  # type: ignore[arg-type]
    assert found.header["typ"] == kind
    essential: dict[str, Any] = {name: {"essential": True} for name in ("iat", "jti", *required)}
    essential |= {"iss": {"essential": True, "value": issuer}, "aud": {"essential": True, "value": client_id}}
    registry = jwt.JWTClaimsRegistry(now=now, **essential)
    registry.validate(found.claims)
    return found.claims


def validated(token: str, jwks: dict[str, Any], *, issuer: str, client_id: str, now: int) -> dict[str, Any]:
    """The claims of a logout token, checked as an application must (Back-Channel Logout §2.6)."""
    claims = signed_claims(token, jwks, "logout+jwt", "exp", issuer=issuer, client_id=client_id, now=now)
    assert claims["events"] == {EVENT: {}}
    assert "nonce" not in claims
    assert 0 < claims["exp"] - claims["iat"] <= 120
    return claims
