"""The suite's side of the configuration: its redirect URIs and keys, and the client file of docs/demo.md that tells the demo of them."""

import json
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from tests.support import source

BASE = "https://localhost.emobix.co.uk:8443/test/a/varco"
CALLBACK = f"{BASE}/callback"
SECOND_CALLBACK = f"{CALLBACK}?dummy1=lorem&dummy2=ipsum"
LEFT = f"{BASE}/post_logout_redirect"

KEYS: dict[str, ECKey | RSAKey] = {
    "fapi1": ECKey.generate_key("P-256", {"kid": "suite-es256", "use": "sig", "alg": "ES256"}),
    "fapi2": RSAKey.generate_key(2048, {"kid": "suite-ps256", "use": "sig", "alg": "PS256"}),
}


def client_file() -> dict[str, dict[str, Any]]:
    """The documented file as it stands, with keys by value for the FAPI clients."""
    told: dict[str, dict[str, Any]] = json.loads(source.read("docs/demo.md").split("```json")[1].split("```")[0])
    for client, key in KEYS.items():
        told[client] |= {"jwks": {"keys": [key.as_dict(private=False)]}, "id_token_alg": key["alg"]}
    return told
