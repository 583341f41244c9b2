"""idpyoidc: PKCE by its add-on."""

import os
from urllib.parse import parse_qsl, urlsplit

from idpyoidc.client.rp_handler import RPHandler

issuer = os.environ["ISSUER"]
handler = RPHandler(
    base_url="http://127.0.0.1",
    client_configs={
        issuer: {
            "client_type": "oidc",
            "issuer": issuer,
            "client_id": os.environ["CLIENT_ID"],
            "client_secret": os.environ["CLIENT_SECRET"],
            "redirect_uris": [os.environ["REDIRECT_URI"]],
            "scopes_supported": os.environ["SCOPE"].split(),
            "response_types_supported": ["code"],
            "add_ons": {
                "pkce": {
                    "function": "idpyoidc.client.oauth2.add_on.pkce.add_support",
                    "kwargs": {"code_challenge_length": 64, "code_challenge_method": "S256"},
                }
            },
        }
    },
)
print(handler.begin(issuer), flush=True)
answer = handler.finalize(issuer, dict(parse_qsl(urlsplit(input()).query)))
print("sub", answer["userinfo"]["sub"])
