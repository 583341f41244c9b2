"""rauth: PKCE by hand, in the parameters of both requests."""

import base64
import hashlib
import os
import secrets
from urllib.parse import parse_qs, urlsplit

from rauth import OAuth2Service

issuer, here = os.environ["ISSUER"], os.environ["REDIRECT_URI"]
service = OAuth2Service(
    client_id=os.environ["CLIENT_ID"],
    client_secret=os.environ["CLIENT_SECRET"],
    authorize_url=f"{issuer}/oauth2/authorize",
    access_token_url=f"{issuer}/oauth2/token",
    base_url=issuer,
)
verifier, state = secrets.token_urlsafe(48), secrets.token_urlsafe(16)
challenge = base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
asked = {"scope": os.environ["SCOPE"], "response_type": "code", "redirect_uri": here, "state": state}
print(service.get_authorize_url(**asked, code_challenge=challenge, code_challenge_method="S256"), flush=True)
answer = parse_qs(urlsplit(input()).query)
assert answer["state"] == [state]
form = {"grant_type": "authorization_code", "code": answer["code"][0], "redirect_uri": here, "code_verifier": verifier}
tokens = service.get_raw_access_token(data=form).json()
session = service.get_session(tokens["access_token"])
print(
    "sub", session.get("oauth2/userinfo", headers={"Authorization": f"Bearer {tokens['access_token']}"}).json()["sub"]
)
