"""httpx-oauth: PKCE by two arguments."""

import asyncio
import base64
import hashlib
import os
import secrets
from urllib.parse import parse_qs, urlsplit

import httpx
from httpx_oauth.clients.openid import OpenID


async def main() -> None:
    issuer, here = os.environ["ISSUER"], os.environ["REDIRECT_URI"]
    configuration = f"{issuer}/.well-known/openid-configuration"
    client = OpenID(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"], configuration)
    verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
    challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
    address = await client.get_authorization_url(
        here,
        state=state,
        scope=os.environ["SCOPE"].split(),
        extras_params={"code_challenge": challenge, "code_challenge_method": "S256"},
    )
    print(address, flush=True)
    answer = parse_qs(urlsplit(input()).query)
    assert answer["state"] == [state]
    tokens = await client.get_access_token(answer["code"][0], here, verifier)
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}
    print("sub", httpx.get(f"{issuer}/oauth2/userinfo", headers=headers).json()["sub"])


asyncio.run(main())
