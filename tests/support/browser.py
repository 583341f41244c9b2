"""People at Debian's Chromium (the build without windows, which costs half), each with a profile of their own, and what is looked at on every page they open."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any
from urllib.parse import parse_qs, urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Page, Playwright, StorageState, ViewportSize

from tests.support.demo_world import World

CHROMIUM = "/usr/bin/chromium-headless-shell"
FLAGS = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--no-first-run", "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1",
]  # fmt: skip
NARROW: ViewportSize = {"width": 360, "height": 740}
WIDE: ViewportSize = {"width": 1280, "height": 900}
_COLOURS = ["color-contrast", "link-in-text-block"]
AXE_RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "rules": {rule: {"enabled": False} for rule in _COLOURS},
}
# Between light and dark nothing differs but colours, whose rules cost more than all others together.
COLOUR_RULES = {"runOnly": {"type": "rule", "values": _COLOURS}, "resultTypes": ["violations"]}
# The kinds of text on the page by all that these rules look at: the text, what lies behind it, and how it is laid out.
COLOURS = r"""() => {
    const behind = e => {
        const found = []
        for (; e; e = e.parentElement) {
            const style = getComputedStyle(e)
            found.push(style.backgroundColor, style.backgroundImage, style.opacity, style.position)
            if (/^rgb\(/.test(style.backgroundColor) && style.opacity === '1') break
        }
        return found
    }
    const worded = e => e.matches('input, select, textarea') || [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim())
    const kind = e => {
        const own = getComputedStyle(e), around = getComputedStyle(e.parentElement)
        return [e.localName, e.className.baseVal ?? e.className, e.parentElement.className.baseVal ?? e.parentElement.className,
            own.color, own.fontSize, own.fontWeight, own.textDecorationLine, own.textShadow, around.color, ...behind(e)].join(' ')
    }
    const worded_ones = [...document.querySelectorAll('body *')].filter(e => worded(e) && e.checkVisibility())
    window.varcoKinds = new Map(worded_ones.map(e => [kind(e), e]))
    return [...window.varcoKinds.keys()]
}"""
RUN_AXE = """async ([rules, colour_rules, kinds]) => {
    const found = rules ? (await axe.run(rules)).violations : []
    const texts = kinds.map(kind => window.varcoKinds.get(kind))
    return texts.length ? [...found, ...(await axe.run({include: texts}, colour_rules)).violations] : found
}"""


@cache
def _axe() -> str:
    """The script, half a megabyte; that it is nothing to the page's own is said by its void value."""
    return f"{Axe().axe_script}; undefined"


def launch(playwright: Playwright) -> Browser:
    return playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)


# A click answers before the page that it leads to is there. What leaves a document, a form that was sent or a link that was
# followed, is noted in it at once; whatever another listener prevents, or stays on the page, does not count.
NOTE_LEAVING = """() => {
    addEventListener('submit', event => {
        if ((event.submitter?.formMethod || event.target.getAttribute('method')) !== 'dialog') window.varcoLeaving = event
    })
    addEventListener('click', event => {
        const link = event.target.closest?.('a[href]')
        if (!link || link.target || link.hasAttribute('download') || !link.protocol.startsWith('http')) return
        const within = link.hash && link.href.split('#')[0] === location.href.split('#')[0]
        if (!within) window.varcoLeaving = event
    })
}"""
ARRIVED = "() => document.readyState === 'complete' && !(window.varcoLeaving && !window.varcoLeaving.defaultPrevented)"


class Visitor:
    """Somebody looking at one page. Trouble the browser met (script errors, refused loads, foreign requests) is kept.

    `origins` are those that are not foreign.
    """

    def __init__(self, world: World, page: Page, sound_colours: set[str] | None = None) -> None:
        self.world = world
        self._sound_colours = set() if sound_colours is None else sound_colours
        self.page = page
        self.origins = {world.issuer}
        self.trouble: list[str] = []
        page.on("pageerror", lambda error: self.trouble.append(f"{page.url}: {error}"))
        page.on(
            "console", lambda said: self.trouble.append(f"{page.url}: {said.text}") if said.type == "error" else None
        )
        page.on("request", lambda request: self._asked(request.url))

    def _asked(self, url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" not in self.origins:
            self.trouble.append(f"{self.page.url} asked {url}")

    def answer(self, redirect_uri: str, act: Callable[[], None]) -> dict[str, list[str]]:
        """Do something that sends the browser to the redirect URI, where nobody listens; what it was sent with.

        Returns when the browser shows its own page of error, whose arrival would interrupt the next navigation.
        """
        with self.page.expect_request(lambda request: request.url.startswith(redirect_uri)) as sent:
            act()
        self.page.wait_for_function("location.protocol === 'chrome-error:'")
        self.trouble = [line for line in self.trouble if redirect_uri not in line and "chrome-error" not in line]
        return parse_qs(urlsplit(sent.value.url).query)

    def forgive_status(self) -> None:
        """An error page is what was asked for: the browser's own note of its status is no trouble."""
        self.trouble = [line for line in self.trouble if "the server responded with a status of 4" not in line]

    def weigh(self, act: Callable[[], None]) -> int:
        """Bytes that come over the wire while something is done with an empty cache: headers, pages, styles, scripts."""
        session = self.page.context.new_cdp_session(self.page)
        session.send("Network.enable")
        session.send("Network.clearBrowserCache")
        received: list[int] = []
        session.on("Network.loadingFinished", lambda event: received.append(int(event["encodedDataLength"])))
        act()
        self.page.wait_for_load_state("networkidle")
        session.detach()
        return sum(received)

    def open(self, address: str) -> None:
        self.page.goto(address if "://" in address else self.world.address(address))

    def look(self, expression: str, argument: Any = None) -> Any:
        """What a script says of the page, once what was clicked has led to it: the document before is nobody's answer."""
        self.page.wait_for_load_state()
        self.page.wait_for_function(ARRIVED)
        return self.page.evaluate(expression, argument)

    def sign_in(self, key: str) -> None:
        """Sign in as somebody of the demo; on the page that is open if it asks for it."""
        account = self.world.account(key)
        if not self.page.locator("input[type=password]").count():
            self.open("/account/login/")
        self.page.get_by_label("E-mail").fill(account["email"])
        self.page.locator("input[type=password]").fill(account["password"])
        self.page.locator("form:has(input[type=password]) button.button--primary").click()

    def language(self) -> str:
        """The language of the page that is open."""
        return str(self.page.locator("html").get_attribute("lang"))

    def read_in(self, language: str) -> None:
        """Change the language by the foot of the page: of the account, or of this browser for somebody who is not signed in."""
        self.page.wait_for_load_state()
        if self.language() != language:
            self.page.locator(f"form.languages button[value={language}]").click()
            self.page.wait_for_function("language => document.documentElement.lang === language", arg=language)

    def violations(self, *, colours_alone: bool = False) -> list[str]:
        """What axe finds against WCAG 2.2 AA and good practice, one line each.

        Colours are looked at on one text of each kind that was not found sound before, on this page or another.
        """
        kinds = [kind for kind in self.look(COLOURS) if kind not in self._sound_colours]
        if colours_alone and not kinds:
            return []
        if not self.page.evaluate("'axe' in window"):
            self.page.evaluate(_axe())
        found = self.page.evaluate(RUN_AXE, [None if colours_alone else AXE_RULES, COLOUR_RULES, kinds])
        if not found:
            self._sound_colours.update(kinds)
        return [f"{item['id']}: {item['help']} {[node['html'][:160] for node in item['nodes'][:3]]}" for item in found]

    def overflow(self) -> list[str]:
        """What sticks out of the page to the right, if the page scrolls sideways."""
        found = self.look(
            """() => {
                const width = document.documentElement.clientWidth
                if (document.documentElement.scrollWidth <= width) return []
                return [...document.querySelectorAll('body *')].filter(e => e.getBoundingClientRect().right > width + 1)
                    .slice(0, 5).map(e => e.outerHTML.slice(0, 160))
            }"""
        )
        return list(found)

    def small_targets(self) -> list[str]:
        """Controls that a finger would miss: under 44 px either way, links in running text aside."""
        found = self.look(
            """() => [...document.querySelectorAll('button, input:not([type=hidden]), select, summary, .button')]
                .filter(e => !e.closest('.visually-hidden') && getComputedStyle(e).visibility === 'visible')
                .map(e => [e, (e.type === 'checkbox' || e.type === 'radio') ? (e.closest('li, label, .choice, .switch, .field') || e) : e])
                .map(([e, target]) => [e, target.getBoundingClientRect()])
                .filter(([e, box]) => box.width > 0 && box.height > 0 && (box.height < 43.5 || box.width < 43.5))
                .map(([e, box]) => `${Math.round(box.width)}×${Math.round(box.height)} ${e.outerHTML.slice(0, 120)}`)"""
        )
        return list(found)


class Chromium:
    """One browser for a run; `visitor()` opens a fresh profile in it."""

    def __init__(self, world: World, browser: Browser) -> None:
        self.world = world
        self.browser = browser
        self._signed_in: dict[str, StorageState] = {}
        self._sound_colours: set[str] = set()
        self._readers: dict[tuple[object, ...], Visitor] = {}

    @contextmanager
    def visitor(self, who: str = "", *, narrow: bool = False, language: str = "", **options: Any) -> Iterator[Visitor]:
        """Somebody at a new profile, signed in as `who` if that is given; at the end nothing may have gone wrong.

        A person signs in once and takes the session along to later visits. `language` is what they read meanwhile.
        """
        visitor = self._open(who, narrow, options)
        usual = ""
        if language:
            visitor.open("/account/" if who else "/account/login/")
            usual = visitor.language()
            visitor.read_in(language)
        yield visitor
        if who and usual != language:
            visitor.open("/account/")
            visitor.read_in(usual)
        visitor.page.context.close()
        assert visitor.trouble == [], visitor.trouble

    @contextmanager
    def reader(self, who: str = "", *, narrow: bool = False, **options: Any) -> Iterator[Visitor]:
        """Somebody who only looks at pages, at the profile and tab of the time before, which costs a third of new ones."""
        key = (who, narrow, *options.items())
        if key not in self._readers:
            self._readers[key] = self._open(who, narrow, options)
        visitor = self._readers[key]
        visitor.trouble.clear()
        yield visitor
        assert visitor.trouble == [], visitor.trouble

    def _open(self, who: str, narrow: bool, options: dict[str, Any]) -> Visitor:
        context = self.browser.new_context(
            locale="en-GB",
            viewport=NARROW if narrow else WIDE,
            reduced_motion="reduce",
            storage_state=self._signed_in.get(who),
            **options,
        )
        context.set_default_timeout(30_000)
        context.add_init_script(f"({NOTE_LEAVING})()")
        visitor = Visitor(self.world, context.new_page(), self._sound_colours)
        if who and who not in self._signed_in:
            visitor.sign_in(who)
            self._signed_in[who] = context.storage_state()
        return visitor
