"""A web application behind Debian's Apache: at /staff people sign in through mod_auth_openidc, at /api programs bring tokens.

An Apache of the tests' own: its own configuration, port on loopback, and directory; Debian's is not touched.
"""

import os
import pwd
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

import httpx

from tests.support.demo_world import World
from tests.support.postgres import die_with_parent

APACHE = Path("/usr/sbin/apache2")
MODULES = Path("/usr/lib/apache2/modules")
LOADED = ("mpm_event", "authn_core", "authz_core", "authz_user", "dir", "mime", "include", "auth_openidc")
SCOPE = "openid profile email offline_access giponext.patients"

# The application is a page of server-side includes, which write what Apache hands to any application: its environment.
SHOWN = (
    "REMOTE_USER",
    "OIDC_CLAIM_sub",
    "OIDC_CLAIM_name",
    "OIDC_CLAIM_email",
    "OIDC_userinfo_json",
    "OIDC_access_token",
)
PAGE = "<!doctype html><html lang=en><title>Staff</title><h1>Staff</h1>" + "".join(
    f'<p id="{name}"><!--#echo var="{name}" --></p>' for name in SHOWN
)
CONFIGURATION = """
ServerRoot {directory}
ServerName {host}
Listen {host}:{port}
PidFile {directory}/pid
Mutex file:{directory} default
ErrorLog {directory}/log
LogLevel warn auth_openidc:info
StartServers 1
ThreadsPerChild 4
MinSpareThreads 1
MaxSpareThreads 4
MaxRequestWorkers 4
KeepAlive Off
{modules}

DocumentRoot {directory}/pages
DirectoryIndex index.html
TypesConfig /dev/null
AddType text/html .html
<Directory {directory}/pages>
  Options +Includes
  SetOutputFilter INCLUDES
</Directory>

OIDCCABundlePath {directory}/authority.pem
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {client_id}
OIDCClientSecret {client_secret}
OIDCProviderTokenEndpointAuth client_secret_basic
OIDCPKCEMethod S256
OIDCScope "{scope}"
OIDCAuthRequestParams prompt=consent
OIDCRedirectURI {origin}/staff/callback
OIDCCryptoPassphrase {passphrase}
OIDCRemoteUserClaim email
OIDCPassUserInfoAs claims json
<Location /staff>
  AuthType openid-connect
  Require valid-user
</Location>

OIDCOAuthIntrospectionEndpoint {issuer}/oauth2/introspect
OIDCOAuthClientID {client_id}
OIDCOAuthClientSecret {client_secret}
OIDCOAuthTokenIntrospectionInterval -1
OIDCOAuthRemoteUserClaim sub
<Location /api>
  AuthType oauth20
  Require claim "scope~^(.* )?giponext[.]patients( .*)?$"
</Location>
"""


class Apache:
    """Serves between `start()` and `stop()`. Apache refuses to serve as root, so root runs it as `www-data`."""

    def __init__(self, world: World, key: str, origin: str) -> None:
        if not (MODULES / "mod_auth_openidc.so").exists():
            raise RuntimeError("Apache with mod_auth_openidc is not installed; `make setup-test` installs it")
        self.origin = origin
        self.directory = Path(tempfile.mkdtemp(prefix="varco-apache-"))
        pages = self.directory / "pages"
        for path, page in {"staff": PAGE, "api": PAGE, "bye": "<!doctype html><h1>Goodbye</h1>"}.items():
            (pages / path).mkdir(parents=True)
            (pages / path / "index.html").write_text(page, "utf-8")
        assert world.certificate
        shutil.copyfile(world.certificate, self.directory / "authority.pem")
        client = world.client(key)
        configuration = CONFIGURATION.format(
            directory=self.directory,
            host=urlsplit(origin).hostname,
            port=urlsplit(origin).port,
            origin=origin,
            issuer=world.issuer,
            client_id=client["client_id"],
            client_secret=client["client_secrets"][0],
            scope=SCOPE,
            passphrase=secrets.token_urlsafe(24),
            modules="\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in LOADED),
        )
        (self.directory / "apache2.conf").write_text(configuration, "utf-8")
        self.process: subprocess.Popen[bytes] | None = None
        self._as_user: dict[str, Any] = {}
        if os.geteuid() == 0:
            account = pwd.getpwnam("www-data")
            self._as_user = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
            for file in [self.directory, *self.directory.rglob("*")]:
                shutil.chown(file, account.pw_uid, account.pw_gid)

    def start(self) -> Self:
        command = [str(APACHE), "-f", str(self.directory / "apache2.conf"), "-DFOREGROUND"]
        with (self.directory / "output").open("wb") as output:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                cwd="/",
                start_new_session=True,  # Ctrl-C is for the tests; they stop the server when they end
                preexec_fn=lambda: die_with_parent(signal.SIGTERM),  # noqa: PLW1509 - one ctypes call
                **self._as_user,
            )
        deadline = time.monotonic() + 20
        while not self._ready():
            if self.process.poll() is not None or time.monotonic() > deadline:
                said = self.log()
                self.stop()
                raise RuntimeError(f"Apache did not start:\n{said}")
            time.sleep(0.05)
        return self

    def _ready(self) -> bool:
        try:
            return httpx.get(f"{self.origin}/bye/", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def log(self) -> str:
        files = (self.directory / name for name in ("output", "log"))
        return "".join(file.read_text("utf-8", "replace") for file in files if file.exists())

    def stop(self) -> None:
        """Stop the server and remove its directory."""
        if self.process:
            self.process.terminate()
            self.process.wait(20)
        shutil.rmtree(self.directory, ignore_errors=True)
