"""Tokens that somebody else made, or made ours into, wherever a token is taken (RFC 8725, RFC 9068 §4)."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from joserfc.jwk import ECKey
from starlette.testclient import TestClient

from tests.gate.conftest import bearing, tokens
from tests.support.client_keys import ClientKey, segment
from tests.support.people import Registered
from varco.accounts.models import User
from varco.grants.models import Grant

pytestmark = pytest.mark.django_db(transaction=True, databases=["default", "clinic", "sandbox"])


def parts(token: str) -> tuple[dict[str, Any], dict[str, Any], str]:
    head, payload, signature = token.split(".")
    decoded = [json.loads(base64.urlsafe_b64decode(text + "==")) for text in (head, payload)]
    return decoded[0], decoded[1], signature


def joined(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return f"{segment(json.dumps(header).encode())}.{segment(json.dumps(claims).encode())}"


def hmac_signed(secret: bytes, header: dict[str, Any], claims: dict[str, Any]) -> str:
    text = joined(header | {"alg": "HS256"}, claims)
    return f"{text}.{segment(hmac.digest(secret, text.encode(), hashlib.sha256))}"


def forgeries(gate: TestClient, token: str) -> dict[str, str]:
    header, claims, signature = parts(token)
    public = next(key for key in gate.get("/oauth2/jwks").json()["keys"] if key["kid"] == header["kid"])
    published: Any = ECKey.import_key(public).public_key
    pem = published.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    thief = ClientKey(kid=header["kid"])
    head, payload, _ = token.split(".")
    made = {
        "signed with another key": thief.sign(header, claims),
        "its key in the header": thief.sign(header | {"jwk": thief.jwk}, claims),
        "its key at an address": thief.sign(header | {"jku": "https://evil.example/jwks"}, claims),
        "its certificate at an address": thief.sign(header | {"x5u": "https://evil.example/pem"}, claims),
        "its certificate in the header": thief.sign(header | {"x5c": ["MIIB"]}, claims),
        "a kid that is a path": thief.sign(header | {"kid": "../../dev/null"}, claims),
        "a kid that is a list": f"{joined(header | {'kid': [header['kid']]}, claims)}.{signature}",
        "no kid": f"{joined({'alg': 'ES256', 'typ': 'at+jwt'}, claims)}.{signature}",
        "unknown crit": f"{joined(header | {'crit': ['x'], 'x': 1}, claims)}.{signature}",
        "not encoded": f"{joined(header | {'b64': False, 'crit': ['b64']}, claims)}.{signature}",
        "compressed": f"{joined(header | {'zip': 'DEF'}, claims)}.{signature}",
        "HMAC with the public key": hmac_signed(pem, header, claims),
        "HMAC with the public JWK": hmac_signed(json.dumps(public).encode(), header, claims),
        "HMAC with nothing": hmac_signed(b"", header, claims),
        "a signature of zeros": f"{head}.{payload}.{segment(bytes(64))}",
        "no signature": f"{head}.{payload}.",
        "two segments": f"{head}.{payload}",
        "one more segment": f"{token}.x",
        "cut": token[:-1],
        "padded": f"{token}==",
        "another type": f"{joined(header | {'typ': 'JWT'}, claims)}.{signature}",
        "longer": f"{joined(header, claims | {'exp': claims['exp'] + 3600})}.{signature}",
    }
    for none in ("none", "None", "NONE", "nOnE"):
        made[f"alg {none}"] = f"{joined(header | {'alg': none}, claims)}."
        made[f"alg {none}, signed"] = f"{joined(header | {'alg': none}, claims)}.{signature}"
    return made


def test_no_forgery_is_taken_anywhere(gate: TestClient, dario: User, app: Registered) -> None:
    token = tokens(gate, dario, app)["access_token"]
    auth = (app.client_id, app.secret)
    for _ in range(2):  # the second time the genuine one is remembered
        for name, forged in forgeries(gate, token).items():
            for path in ("/oauth2/userinfo", "/v2/userinfo", "/v2/tenants/tenant-aurora/patients"):
                answer = gate.get(path, headers=bearing(forged))
                assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token"), (name, path)
            told = gate.post("/oauth2/introspect", data={"token": forged}, auth=auth)
            assert told.json() == {"active": False}, name
            assert gate.post("/oauth2/revoke", data={"token": forged}, auth=auth).status_code == 200
            assert Grant.objects.get().state == "active", name
        assert gate.get("/v2/userinfo", headers=bearing(token)).status_code == 200
