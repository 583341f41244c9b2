"""A person's browser: cookies, forms and redirects, and no JavaScript. Only the standard library, as it ships with Varco."""

import http.cookiejar
import urllib.error
import urllib.request
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from email.message import Message
from urllib.parse import urlencode, urljoin, urlsplit

from varco.ops.tour.html import Document, Form, Link
from varco.ops.tour.steps import Mismatch

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
TIMEOUT = 30  # seconds


@dataclass(frozen=True)
class Answer:
    """One answer of the server, redirects not followed."""

    url: str
    status: int
    headers: Message
    body: bytes


class _Stay(urllib.request.HTTPRedirectHandler):
    """Follow nothing: where a redirect leads is half of what there is to see."""

    def redirect_request(self, *_: object) -> None:
        return None


class Wire:
    """Sends requests and keeps cookies. Raises `Mismatch` when nobody answers."""

    def __init__(self) -> None:
        self._opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), _Stay(), urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar())
        )

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str] | None = None, body: bytes | None = None
    ) -> Answer:
        """Send one request and return whatever status it gets."""
        if urlsplit(url).scheme not in {"http", "https"}:
            raise Mismatch("an http or https address", url)
        request = urllib.request.Request(url, data=body, headers=dict(headers or {}), method=method)  # noqa: S310 - checked above
        try:
            with self._opener.open(request, timeout=TIMEOUT) as response:
                return Answer(url, response.status, response.headers, response.read())
        except urllib.error.HTTPError as fault:
            with fault:
                return Answer(url, fault.code, fault.headers, fault.read())
        except (urllib.error.URLError, OSError) as fault:
            raise Mismatch(f"an answer from {url}", str(getattr(fault, "reason", fault))) from None


@dataclass
class Page:
    """What the browser shows after all redirects; `left_for` is where it was sent on to, outside this server."""

    url: str
    status: int
    document: Document
    headers: Message
    left_for: str = ""

    def require(self, status: int = 200) -> "Page":
        """This page, if it was answered with this status. Raises `Mismatch`."""
        if self.status != status or self.left_for:
            seen = f"a redirect to {self.left_for}" if self.left_for else f"{self.status} {self.document.heading}"
            raise Mismatch(f"status {status} at {self.url}", f"{seen}: {self.document.text[:300]}")
        return self

    def form(self, *, button: str = "", names: Collection[str] = (), action: str = "") -> Form:
        """The first form with this button (what it sends, `name=value`), these fields, and this in its address.

        Raises `Mismatch`.
        """
        for form in self.document.forms:
            here = urljoin(self.url, form.action)
            if (not button or form.button(button)) and form.names() >= set(names) and action in here:
                return form
        wanted = ", ".join(filter(None, [button and f"the button “{button}”", *names, action]))
        raise Mismatch(f"a form with {wanted} at {self.url}", f"{self.document.heading}: {self.document.text[:300]}")

    def link(self, *, words: str = "", leads: str = "", rel: str = "") -> Link:
        """The first link with these words, this relation, and this at the end of its address. Raises `Mismatch`."""
        for link in self.document.links:
            if words in {"", link.words} and rel in {"", link.rel} and link.address.endswith(leads):
                return Link(link.words, urljoin(self.url, link.address), link.rel)
        wanted = words or leads or rel
        raise Mismatch(f"a link “{wanted}” at {self.url}", self.document.text[:300])


class Browser:
    """One person's browser, pointed at one server."""

    def __init__(self, issuer: str) -> None:
        self.issuer = issuer
        self._wire = Wire()

    def open(self, address: str) -> Page:
        """Open an address of this server (a path, or in full)."""
        return self._follow(self._send("GET", urljoin(self.issuer, address)))

    def submit(
        self,
        page: Page,
        form: Form,
        values: Mapping[str, str | Collection[str]] | None = None,
        *,
        button: str = "",
        without: Collection[str] = (),
    ) -> Page:
        """Send a form as the page has it, changed by `values`; `without` unchecks boxes by their value."""
        values = values or {}
        pressed = form.button(button) if button else None
        fields = [
            (control.name, control.value)
            for control in form.controls
            if control.name and control.chosen and control.name not in values and control.value not in without
        ]
        for name, value in values.items():
            fields += [(name, value)] if isinstance(value, str) else [(name, one) for one in value]
        if pressed and pressed.name:
            fields.append((pressed.name, pressed.value))
        target = urljoin(page.url, (pressed.action if pressed else "") or form.action or page.url)
        if form.method == "get":
            return self._follow(self._send("GET", f"{target.partition('?')[0]}?{urlencode(fields)}"))
        return self._follow(self._send("POST", target, urlencode(fields).encode(), page.url))

    def _send(self, method: str, url: str, body: bytes | None = None, referer: str = "") -> Answer:
        headers = {"Accept": "text/html", "Accept-Language": "en", "User-Agent": "varco-tour"}
        if body is not None:
            headers |= {
                "Content-Type": "application/x-www-form-urlencoded",
                "Referer": referer,
                "Origin": _origin(referer),
            }
        return self._wire.send(method, url, headers=headers, body=body)

    def _follow(self, answer: Answer) -> Page:
        for _ in range(15):
            if answer.status not in _REDIRECTS:
                return Page(answer.url, answer.status, Document(answer.body.decode("utf-8", "replace")), answer.headers)
            target = urljoin(answer.url, answer.headers["Location"])
            if _origin(target) != self.issuer:
                return Page(answer.url, answer.status, Document(""), answer.headers, left_for=target)
            answer = self._send("GET", target)
        raise Mismatch("a page", f"redirects without end at {answer.url}")


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"
