"""Forms whose answer leaves for an application, which sends the browser on to where it likes: Chromium follows to the end.

Browsers hold every redirect after a form against `form-action` of the page it stood on, and stop without a word.
"""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlencode

import pytest

from tests.browser.conftest import OWN_BYE
from tests.support.browser import Chromium, Visitor

# Where applications go on to: another site, their own window, this machine by IPv6, a server in the clinic.
ONWARDS = ("http://other.example/home", "example.agenda.desktop:/done", "http://[::1]:9/home", "http://server.lan/home")
SCOPE = "openid giponext.patients"


class _Callback(BaseHTTPRequestHandler):
    """The redirect URI of an application: sends the browser on to `onwards`."""

    onwards = ""

    def do_GET(self) -> None:
        self.send_response(303)
        self.send_header("Location", type(self).onwards)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.do_GET()

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at the browser."""


@pytest.fixture(scope="module")
def callback() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), _Callback) as server:
        server.daemon_threads = True
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/callback"
        server.shutdown()
        thread.join()


def arrives(visitor: Visitor, button: str, onwards: str) -> None:
    """Press the button and wait until the browser has tried the end of the chain, where nobody listens."""
    _Callback.onwards = onwards
    with visitor.page.expect_event("requestfailed", lambda request: request.url.startswith(onwards), timeout=10_000):
        visitor.page.get_by_role("button", name=button, exact=True).click()
    if onwards.startswith("http"):
        visitor.page.wait_for_function("location.protocol === 'chrome-error:'")
    assert not [line for line in visitor.trouble if "Content Security Policy" in line]
    visitor.trouble.clear()


@pytest.mark.parametrize("onwards", ONWARDS)
def test_accepting_leads_to_wherever_the_application_goes_on(chromium: Chromium, callback: str, onwards: str) -> None:
    asked = {"redirect_uri": callback, "scope": SCOPE, "prompt": "consent"}
    with chromium.reader("doctor_aurora") as dario:
        dario.open(dario.world.request("native", **asked))
        arrives(dario, "Accept", onwards)


def test_so_do_an_answer_by_form_and_signing_out(chromium: Chromium, callback: str) -> None:
    own = ONWARDS[1]
    asked = {"redirect_uri": callback, "scope": SCOPE}
    with chromium.visitor() as dario:
        dario.open(dario.world.request("native", response_mode="form_post", **asked))
        dario.sign_in("doctor_aurora")
        arrives(dario, "Accept", own)
        bye = {
            "client_id": dario.world.client("native")["client_id"],
            "post_logout_redirect_uri": OWN_BYE,
        }
        dario.open(f"/oauth2/logout?{urlencode(bye)}")
        arrives(dario, "Sign out", OWN_BYE)
