"""pyoidc (`oic`): it sends a nonce and no PKCE, so the registration asks for the exception."""

import os

from oic import rndstr
from oic.oic import Client
from oic.oic.message import AuthorizationResponse, RegistrationResponse
from oic.utils.authn.client import CLIENT_AUTHN_METHOD

client = Client(client_authn_method=CLIENT_AUTHN_METHOD)
client.provider_config(os.environ["ISSUER"])
client.store_registration_info(
    RegistrationResponse(client_id=os.environ["CLIENT_ID"], client_secret=os.environ["CLIENT_SECRET"])
)
client.redirect_uris = [os.environ["REDIRECT_URI"]]
state = rndstr()
asked = {
    "response_type": "code",
    "scope": os.environ["SCOPE"].split(),
    "redirect_uri": client.redirect_uris[0],
    "state": state,
    "nonce": rndstr(),
}
print(client.construct_AuthorizationRequest(request_args=asked).request(client.authorization_endpoint), flush=True)
answer = client.parse_response(AuthorizationResponse, info=input().partition("?")[2], sformat="urlencoded")
client.do_access_token_request(
    state=state,
    request_args={"code": answer["code"], "redirect_uri": client.redirect_uris[0]},
    authn_method="client_secret_basic",
)
print("sub", client.do_user_info_request(state=state)["sub"])
