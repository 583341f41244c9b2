"""Flask-pyoidc: it sends a nonce and no PKCE, so the registration asks for the exception."""

import os
from datetime import timedelta
from urllib.parse import urlsplit

import flask
from flask_pyoidc import OIDCAuthentication
from flask_pyoidc.provider_configuration import ClientMetadata, ProviderConfiguration
from flask_pyoidc.user_session import UserSession

here = urlsplit(os.environ["REDIRECT_URI"])
app = flask.Flask(__name__)
app.config |= {
    "OIDC_REDIRECT_URI": here.geturl(),
    "SECRET_KEY": "only of this example",
    "PERMANENT_SESSION_LIFETIME": timedelta(hours=1),
}
provider = ProviderConfiguration(
    issuer=os.environ["ISSUER"],
    client_metadata=ClientMetadata(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]),
    auth_request_params={"scope": os.environ["SCOPE"].split()},
)
auth = OIDCAuthentication({"varco": provider}, app)


@app.route("/")
@auth.oidc_auth("varco")
def index() -> str:
    return f"sub {UserSession(flask.session).userinfo['sub']}"


browser, base = app.test_client(), f"{here.scheme}://{here.netloc}"
print(browser.get("/", base_url=base).headers["Location"], flush=True)
callback = urlsplit(input())
browser.get(f"{callback.path}?{callback.query}", base_url=base)
print(browser.get("/", base_url=base).get_data(as_text=True))
