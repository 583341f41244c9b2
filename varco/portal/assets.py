"""Static files from memory: read once, named by their content, compressed, cached by browsers for good.

There is no web server in front of Varco and no build step behind it, so this does what both would: `{% static %}` gives
`/static/varco/base.3f2a….css`, whose bytes never change, so a new version of Varco needs no reload of anybody's cache.
"""

import gzip
import hashlib
import mimetypes
from collections.abc import Callable
from functools import cache
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.contrib.staticfiles.storage import StaticFilesStorage
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed

HASH_LENGTH = 12  # hexadecimal digits of SHA-256
IMMUTABLE = "public, max-age=31536000, immutable"
# Written in many small files, sent as one: this order, later rules win.
_STYLES = "varco/varco.css"
_STYLE_PARTS = (
    "tokens",
    "base",
    "layout",
    "navigation",
    "components",
    "plate",
    "forms",
    "data",
    "pages",
    "welcome",
    "print",
)
_COMPRESSED = frozenset({".css", ".js", ".svg", ".txt", ".json"})


class Asset(NamedTuple):
    """One file as it goes over the wire; `zipped` is empty where compression gains nothing."""

    url: str
    content_type: str
    plain: bytes
    zipped: bytes


def _asset(name: str, content: bytes) -> Asset:
    path = PurePosixPath(name)
    digest = hashlib.sha256(content).hexdigest()[:HASH_LENGTH]
    kind = mimetypes.guess_type(name)[0] or "application/octet-stream"
    if kind.startswith("text/") or path.suffix in _COMPRESSED:
        kind = f"{kind}; charset=utf-8"
    # mtime=0: the same file is the same bytes on every machine.
    zipped = gzip.compress(content, 9, mtime=0) if path.suffix in _COMPRESSED else b""
    url = settings.STATIC_URL + str(path.with_name(f"{path.stem}.{digest}{path.suffix}"))
    return Asset(url, kind, content, zipped if len(zipped) < len(content) else b"")


@cache
def assets() -> dict[str, Asset]:
    """Every static file of the installed apps by its plain name, such as `varco/base.css`."""
    found: dict[str, Asset] = {}
    for finder in get_finders():
        for name, storage in finder.list(ignore_patterns=None):
            if name not in found:
                found[name] = _asset(name, Path(storage.path(name)).read_bytes())
    found[_STYLES] = _asset(_STYLES, b"".join(found.pop(f"varco/css/{part}.css").plain for part in _STYLE_PARTS))
    return found


@cache
def _by_url() -> dict[str, Asset]:
    return {asset.url: asset for asset in assets().values()}


class HashedStorage(StaticFilesStorage):
    """The staticfiles storage behind `{% static %}`."""

    def url(self, name: str | None) -> str:
        """Address of a static file. Raises `KeyError` for one that does not exist, so a page cannot name it."""
        return assets()[name or ""].url


def serve(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer requests for static files before sessions, languages and people are looked at."""

    def handle(request: HttpRequest) -> HttpResponse:
        if not request.path.startswith(settings.STATIC_URL):
            return get_response(request)
        asset = _by_url().get(request.path)
        if asset is None:
            return get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponseNotAllowed(["GET", "HEAD"])
        return _answer(request, asset)

    return handle


def _answer(request: HttpRequest, asset: Asset) -> HttpResponse:
    zipped = bool(asset.zipped) and "gzip" in request.headers.get("Accept-Encoding", "")
    response = HttpResponse(asset.zipped if zipped else asset.plain, content_type=asset.content_type)
    response["Cache-Control"] = IMMUTABLE
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    if asset.zipped:
        response["Vary"] = "Accept-Encoding"
    if zipped:
        response["Content-Encoding"] = "gzip"
    response["Content-Length"] = str(len(response.content))
    return response
