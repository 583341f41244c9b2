"""The server of a single-page application: one page at every path, its scripts, and the settings it is told to hand out."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

NODE = Path(__file__).parent.parent / "journeys" / "node"
SCRIPTS = {
    "/oidc-client-ts.min.js": NODE / "node_modules/oidc-client-ts/dist/browser/oidc-client-ts.min.js",
    "/spa.mjs": NODE / "spa.mjs",
}


class _Files(BaseHTTPRequestHandler):
    settings: dict[str, Any] = {}

    def do_GET(self) -> None:
        path = urlsplit(self.path).path
        if path == "/settings.json":
            self._answer("application/json", json.dumps(self.settings).encode())
        elif path in SCRIPTS:
            self._answer("text/javascript", SCRIPTS[path].read_bytes())
        else:
            self._answer("text/html", (NODE / "spa.html").read_bytes())

    def _answer(self, kind: str, content: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", f"{kind}; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *_: object) -> None:
        """Say nothing: the tests look at the page."""


@contextmanager
def served(origin: str, settings: dict[str, Any]) -> Iterator[None]:
    """The application at its origin, from the start of the `with` block to its end."""
    handler = type("Files", (_Files,), {"settings": settings})
    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(origin).port or 80), handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
