"""social-auth-core: PKCE by a setting, the secret in the body."""

import os
from urllib.parse import parse_qsl

from social_core.backends.open_id_connect import OpenIdConnectAuth
from social_core.storage import BaseStorage
from social_core.strategy import BaseStrategy


class Varco(OpenIdConnectAuth):
    name = "varco"
    PKCE_DEFAULT_CODE_CHALLENGE_METHOD = "S256"


class Strategy(BaseStrategy):
    """What a web framework gives it: settings, a session and the request."""

    settings = {
        "SOCIAL_AUTH_VARCO_OIDC_ENDPOINT": os.environ["ISSUER"],
        "SOCIAL_AUTH_VARCO_KEY": os.environ["CLIENT_ID"],
        "SOCIAL_AUTH_VARCO_SECRET": os.environ["CLIENT_SECRET"],
        "SOCIAL_AUTH_VARCO_SCOPE": os.environ["SCOPE"].split(),
        "SOCIAL_AUTH_VARCO_IGNORE_DEFAULT_SCOPE": True,
        "SOCIAL_AUTH_VARCO_USE_PKCE": True,
    }
    session: dict = {}
    request: dict = {}

    def get_setting(self, name):
        return self.settings[name]

    def request_data(self, merge=True):
        return self.request

    def session_get(self, name, default=None):
        return self.session.get(name, default)

    def session_set(self, name, value):
        self.session[name] = value

    def session_pop(self, name):
        return self.session.pop(name, None)

    def authenticate(self, backend, *args, **kwargs):
        return kwargs["response"]

    def redirect(self, url):
        return url

    def build_absolute_uri(self, path=None):
        return path or ""

    def request_host(self):
        return "127.0.0.1"


class Storage(BaseStorage):
    class nonce:  # noqa: N801 - as the library calls it
        kept: list[str] = []

        @classmethod
        def use(cls, *args):
            return True

        consume = use

        @classmethod
        def get(cls, *args):
            return None

        delete = get

    class association:  # noqa: N801
        kept: dict[str, object] = {}

        @classmethod
        def store(cls, url, association):
            association.id, association.is_expired = 1, lambda: False
            cls.kept[association.handle] = association

        @classmethod
        def get(cls, server_url, handle):
            return [cls.kept[handle]] if handle in cls.kept else []

        @classmethod
        def remove(cls, ids):
            return None


strategy = Strategy(storage=Storage)
backend = Varco(strategy, redirect_uri=os.environ["REDIRECT_URI"])
print(backend.auth_url(), flush=True)
backend.data = dict(parse_qsl(input().partition("?")[2]))
print("sub", backend.auth_complete()["sub"])
