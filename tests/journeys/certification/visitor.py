"""The person at the suite's browser, who answers whatever page comes and remembers which ones came."""

from urllib.parse import parse_qsl, urlsplit

import httpx

from tests.support.http_person import Page, Person


class Visitor:
    """`pages` are what the last visit showed: `sign in`, `confirm` (the password again), `choose` (an account), `consent`."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.pages: list[str] = []

    def visit(self, address: str) -> str:
        """Go from an authorization request to the callback; returns the callback's address."""
        return self.answer(self.person.open(address))

    def post(self, endpoint: str, fields: dict[str, str]) -> str:
        """The same for a request that a form of another site posts."""
        return self.answer(self.sent(endpoint, fields))

    def sent(self, endpoint: str, fields: dict[str, str]) -> Page:
        """Where a form of another site leads, which brings no Lax cookie along."""
        http = self.person.http
        kept, http.cookies = http.cookies, httpx.Cookies()
        response = http.post(endpoint, data=fields, headers={"Origin": "https://localhost.emobix.co.uk:8443"})
        http.cookies = kept
        return self.person._follow(response)

    def answer(self, page: Page) -> str:
        """Answer pages until the browser leaves."""
        self.pages = []
        while not page.left_for:
            page = self._answer_one(page)
            assert len(self.pages) < 4, self.pages
        return page.left_for

    def _answer_one(self, page: Page) -> Page:
        person = self.person
        if page.soup.select_one("input[name=login]"):
            self.pages.append("sign in")
            return person.press(page, "sign in", login=person.email, password=person.password)
        if page.soup.select_one("input[name=password]"):
            self.pages.append("confirm")
            return person.press(page, "confirm", password=person.password)
        if "Which account do you want to use?" in page.text:
            self.pages.append("choose")
            return person.press(page, "continue as .*")
        self.pages.append("consent")
        return person.press(page, "accept")

    def refuse(self, address: str) -> str:
        """Sign in if asked, refuse, and return the callback's address."""
        page = self.person.open(address)
        if page.soup.select_one("input[name=login]"):
            page = self._answer_one(page)
        return self.person.press(page, "refuse").left_for

    def stays_here(self, address: str) -> Page:
        """A request that must not be redirected: the page that says so."""
        page = self.person.open(address)
        assert not page.left_for, page.left_for
        assert 400 <= page.status < 500
        return page


def query_of(address: str) -> dict[str, str]:
    """The query of a callback, every name in it once."""
    pairs = parse_qsl(urlsplit(address).query, keep_blank_values=True, strict_parsing=True)
    assert len({name for name, _ in pairs}) == len(pairs), address
    return dict(pairs)
