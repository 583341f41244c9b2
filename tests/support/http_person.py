"""A person with a browser: cookies, links, forms and redirects, and no JavaScript.

What the person does not know they read from the page, so a page that cannot be used cannot be tested away.
"""

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import cached_property
from typing import Self
from urllib.parse import urljoin, urlsplit

import httpx

from tests.support.html import Element, parse

REDIRECTS = {301, 302, 303, 307, 308}


def origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


@dataclass
class Page:
    """What the browser shows after all redirects; `left_for` is where it was sent on to, where nobody is known to listen."""

    url: str
    status: int
    html: str
    headers: httpx.Headers
    left_for: str = ""

    @cached_property
    def soup(self) -> Element:
        """What a browser makes of it, once somebody looks."""
        return parse(self.html)

    @property
    def text(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def heading(self) -> str:
        found = self.soup.select_one("h1")
        return " ".join(found.get_text(" ").split()) if found else ""

    def form(self, button: str) -> tuple[Element, Element]:
        """The form with a button of that name (its visible words), and the button."""
        for candidate in self.soup.select("form button, form input[type=submit]"):
            words = candidate.get_text(" ", strip=True) or str(candidate.get("value", ""))
            if re.fullmatch(button, words, re.IGNORECASE):
                form = candidate.find_parent("form")
                assert isinstance(form, Element)
                return form, candidate
        raise AssertionError(f"no button {button!r} on {self.url}:\n{self.text[:2000]}")

    def link(self, words: str) -> str:
        """Address of the link with these words."""
        for candidate in self.soup.select("a[href]"):
            if re.fullmatch(words, candidate.get_text(" ", strip=True), re.IGNORECASE):
                return urljoin(self.url, str(candidate["href"]))
        raise AssertionError(f"no link {words!r} on {self.url}:\n{self.text[:2000]}")


def fields_of(form: Element) -> list[tuple[str, str]]:
    """What a browser would send of a form as it stands (HTML, constructing the entry list), its buttons aside."""
    fields = []
    for control in form.select("input[name], select[name], textarea[name]"):
        name, kind = str(control["name"]), str(control.get("type", "text")).lower()
        if control.has_attr("disabled") or kind in {"submit", "button", "image", "reset", "file"}:
            continue
        if control.name == "select":
            chosen = control.select("option[selected]") or control.select("option")[:1]
            fields += [(name, str(option.get("value", option.get_text(strip=True)))) for option in chosen]
        elif control.name == "textarea":
            fields.append((name, control.get_text()))
        elif kind not in {"checkbox", "radio"}:
            fields.append((name, str(control.get("value", ""))))
        elif control.has_attr("checked"):
            fields.append((name, str(control.get("value", "on"))))
    return fields


class Person:
    """Somebody at a browser of their own, at first not signed in. Redirects are followed while they stay in `origins`."""

    def __init__(self, issuer: str, email: str = "", password: str = "", **transport: object) -> None:
        self.issuer = issuer
        self.origins = {issuer}
        self.email = email
        self.password = password
        self.http = httpx.Client(follow_redirects=False, timeout=30, headers={"Accept-Language": "en"}, **transport)  # type: ignore[arg-type]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def open(self, address: str) -> Page:
        """Open an address, in full or a path of this server, and follow redirects."""
        return self._follow(self.http.get(urljoin(self.issuer, address)))

    def press(self, page: Page, button: str, *, without: Collection[str] = (), **values: str | list[str]) -> Page:
        """Fill in and send the form with this button. `without` unchecks boxes by their value; a list checks several.

        Whoever accepts an application turns on all that it asks for, but for `without`.
        """
        form, pressed = page.form(button)
        offered = form.select("input[name=scope]:not([disabled])")
        if pressed.get("value") == "accept" and offered and "scope" not in values:
            values["scope"] = [str(box["value"]) for box in offered if box["value"] not in without]
        fields = [(name, value) for name, value in fields_of(form) if name not in values and value not in without]
        for name, value in values.items():
            known = form.select(f'[name="{name}"]')
            assert known, f"no field {name!r} in the form of {button!r} on {page.url}"
            fields += [(name, one) for one in ([value] if isinstance(value, str) else value)]
        if pressed.get("name"):
            fields.append((str(pressed["name"]), str(pressed.get("value", ""))))
        target = urljoin(page.url, str(pressed.get("formaction") or form.get("action") or page.url))
        if str(form.get("method", "get")).lower() == "get":
            return self._follow(self.http.get(target, params=httpx.QueryParams(tuple(fields))))
        body: dict[str, list[str]] = {}
        for name, one in fields:
            body.setdefault(name, []).append(one)
        # What browsers send with a form; over https Django asks for one of them.
        headers = {"Referer": page.url, "Origin": origin(page.url)}
        return self._follow(self.http.post(target, data=body, headers=headers))

    def sign_in(self, page: Page | None = None) -> Page:
        """Sign in on the page given, or on the sign-in page."""
        page = page or self.open("/account/login/")
        return self.press(page, "sign in", login=self.email, password=self.password)

    def consent(self, page: Page, *, refuse: Collection[str] = (), button: str = "accept.*|accetta.*") -> str:
        """Accept what a consent page asks for but these scopes, in either language, and return the callback's address."""
        answered = self.press(page, button, without=refuse)
        assert answered.left_for, f"the answer stayed on {answered.url}:\n{answered.text[:2000]}"
        return answered.left_for

    def authorize(self, address: str, *, refuse: Collection[str] = ()) -> str:
        """Go all the way from the authorization request to the callback's address, by whatever pages come."""
        page = self.open(address)
        if not page.left_for and page.soup.select("input[type=password]"):
            page = self.sign_in(page)
        return page.left_for or self.consent(page, refuse=refuse)

    def _follow(self, response: httpx.Response) -> Page:
        for _ in range(12):
            url = str(response.url)
            if response.status_code not in REDIRECTS:
                return Page(url, response.status_code, response.text, response.headers)
            target = urljoin(url, response.headers["location"])
            if origin(target) not in self.origins:
                return Page(url, response.status_code, "", response.headers, left_for=target)
            response = self.http.get(target)
        raise AssertionError(f"redirects without end at {response.url}")
