"""How long somebody new takes from the sign-in to a submitted registration, and to the first token in a sandbox.

`python -m bench.journey` plays a developer in Chromium at a demo of its own and counts what a person has to do: words to read that
were not on an earlier page, characters to type, things to aim at, pages to wait for. The time is computed from these, not waited
for. The program of the quick start is run as it is copied, and somebody of the sandbox signs in and accepts.
"""

import argparse
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.browser import Chromium, Visitor, launch
from tests.support.demo_server import Demo
from tests.support.demo_world import World

PASSWORD = "seven words nobody would ever guess"
NEXT = "main form button.button--primary"
READS, TYPES = 230 / 60, 40 * 5 / 60  # words and characters a second: 230 and 40 words a minute
AIM, PAGE = 1.5, 1.0  # seconds a click or a field to go to; seconds until a page is there
NAME, EMAIL, ORIGIN = "Visite a Casa", "ada@lampone.example", "http://127.0.0.1:8765"
WORDS = """() => {
    const main = document.querySelector('main').cloneNode(true)
    const unread = 'pre, script, [hidden], .visually-hidden, .skip, details:not([open]) > :not(summary), [aria-labelledby=demo]'
    main.querySelectorAll(unread).forEach(each => each.remove())
    main.style.cssText = 'position: absolute; visibility: visible'
    document.body.append(main)
    const text = main.innerText
    main.remove()
    return text
}"""


@dataclass
class Stage:
    """What a person did between two moments."""

    name: str
    words: int = 0
    characters: int = 0
    aims: int = 0
    pages: int = 0
    fields: list[str] = field(default_factory=list)

    @property
    def seconds(self) -> float:
        return self.words / READS + self.characters / TYPES + self.aims * AIM + self.pages * PAGE


class Newcomer:
    """Somebody who has seen none of it: reads each line of the main content once, types, and aims."""

    def __init__(self, *, shows: bool = False) -> None:
        self.shows = shows
        self.stages: list[Stage] = []
        self._read: set[str] = set()

    def begin(self, name: str) -> None:
        self.stages.append(Stage(name))

    def arrive(self, visitor: Visitor) -> None:
        """A page is there, and what is new on it is read."""
        now = self.stages[-1]
        now.pages += 1
        lines = {line.strip() for line in str(visitor.look(WORDS)).splitlines() if line.strip()}
        now.words += sum(len(line.split()) for line in lines - self._read)
        if self.shows:
            print(f"--- {visitor.page.url}", *(lines - self._read), sep="\n")
        self._read |= lines

    def press(self, visitor: Visitor, selector: str, *, then: str = "") -> None:
        """Press something that leads to another page, with which another stage begins if `then` is given."""
        self.stages[-1].aims += 1
        visitor.page.locator(selector).first.click()
        if then:
            self.begin(then)
        self.arrive(visitor)

    def choose(self, visitor: Visitor, selector: str) -> None:
        self.stages[-1].aims += 1
        visitor.page.locator(selector).first.check()

    def write(self, visitor: Visitor, selector: str, text: str) -> None:
        now = self.stages[-1]
        now.aims += 1
        now.characters += len(text)
        now.fields.append(selector)
        visitor.page.locator(selector).first.fill(text)

    def sign_in(self, visitor: Visitor) -> None:
        self.write(visitor, "[name=login]", EMAIL)
        self.write(visitor, "[name=password]", PASSWORD)
        self.press(visitor, "form:has([name=password]) button.button--primary")

    def save_and_run(self, command: str, name: str) -> None:
        """Outside the browser: a new file, pasted into, saved under a name; a terminal, and the command."""
        now = self.stages[-1]
        now.aims += 5
        now.characters += len(name) + len(command)


def become_developer(chromium: Chromium) -> None:
    """Before the clock runs: an account with its sandbox, which anybody makes, and the role, which a clinic has asked for."""
    with chromium.visitor() as ada, chromium.visitor("manager_aurora") as marta, chromium.visitor("support") as sara:
        ada.open("/account/signup/")
        given = {
            "email": EMAIL,
            "given_name": "Ada",
            "family_name": "Rossi",
            "password1": PASSWORD,
            "password2": PASSWORD,
        }
        _fill(ada, given)
        ada.page.locator("[name=terms]").check()
        _press(ada, NEXT)
        ada.open(f"/demo/mailbox/?to={EMAIL}")
        _press(ada, "main a.way")
        found = re.search(r"http://\S+/account/signup/confirm/\S+", ada.page.locator(".mail").inner_text())
        assert found, ada.page.url
        ada.open(found[0])
        _press(ada, NEXT)
        marta.open("/tickets/new/developer_activation/")
        _fill(marta, {"email": EMAIL, "company": "Lampone", "purpose": "It prints the lists of the morning."})
        _press(marta, NEXT)
        sara.open(marta.page.url.replace("/tickets/", "/support/"))
        for _asked_once_more in range(2):
            _press(sara, "main button:has-text('Activate the developer')")


def _fill(visitor: Visitor, given: dict[str, str]) -> None:
    for name, text in given.items():
        visitor.page.locator(f"main [name={name}]").fill(text)


def _press(visitor: Visitor, selector: str) -> None:
    visitor.page.locator(selector).first.click()
    visitor.look("0")


def register(person: Newcomer, ada: Visitor, start: str) -> None:
    """From the sign-in page to what is submitted."""
    person.begin("sign in")
    ada.open("/account/login/?next=/developer/applications/")
    person.arrive(ada)
    person.sign_in(ada)
    person.press(ada, "a[href$='/applications/new/']", then="name and template")
    person.write(ada, "main [name=name]", NAME)
    person.choose(ada, f"main [name=start][value={start}]")
    person.press(ada, NEXT, then="check, and submit")
    person.press(ada, NEXT, then="approved: make the first secret")


def first_token(person: Newcomer, ada: Visitor) -> str:
    """From the approval to what the program says that has its token."""
    if ada.page.locator("#next form button").count():
        person.press(ada, "#next form button.button--primary", then="the program, run as copied")
    else:
        person.press(ada, "#next a.button--primary", then="the program, run as copied")
    if ada.page.locator("nav.tabs a:has-text('Python')").count():
        person.press(ada, "nav.tabs a:has-text('Python')")
    sample = ada.page.locator("details.sample:has(summary:has-text('Python'))")
    if sample.count():
        person.stages[-1].aims += 1
        sample.locator("summary").click()
    person.stages[-1].aims += 1  # Copy
    code = (sample if sample.count() else ada.page).locator("pre").first.inner_text()
    person.save_and_run("python3 hello.py", "hello.py")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "hello.py")
        path.write_text(code)
        running = subprocess.Popen(
            [sys.executable, str(path)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        try:
            return _accept(person, ada, running)
        finally:
            running.kill()


def _accept(person: Newcomer, ada: Visitor, running: "subprocess.Popen[str]") -> str:
    """Somebody of the sandbox, here the developer, opens the address that the program prints, and accepts; what it says then."""
    assert running.stdout
    lines = iter(running.stdout.readline, "")
    address = next(line.strip() for line in lines if line.startswith("http"))
    person.begin("consent, as somebody of the sandbox")
    ada.origins.add(ORIGIN)
    ada.open(address)
    person.stages[-1].aims += 1  # the address that the terminal shows
    person.arrive(ada)
    person.stages[-1].aims += 1
    ada.page.locator("button[name=decision][value=accept]").click()
    said = running.stdout.read()
    ada.trouble.clear()  # the program's own page is nobody's here
    return said


def played(start: str, demo: Demo, *, shows: bool) -> tuple[Newcomer, str]:
    """Somebody who has played it, and what the program said at the end."""
    person = Newcomer(shows=shows)
    with sync_playwright() as playwright:
        browser = launch(playwright)
        chromium = Chromium(World(demo), browser)
        become_developer(chromium)
        with chromium.visitor() as ada:
            register(person, ada, start)
            assert re.search(r"varco-[0-9a-f]{16}", ada.page.locator("main").inner_text()), ada.page.url
            said = first_token(person, ada)
        browser.close()
    return person, said


def table(person: Newcomer, say: Callable[[str], None] = print) -> None:
    say("| | words | characters | aims | pages | seconds | since the beginning |")
    say("|---|---|---|---|---|---|---|")
    since = 0.0
    for stage in person.stages:
        since += stage.seconds
        counts = f"{stage.words} | {stage.characters} | {stage.aims} | {stage.pages}"
        say(f"| {stage.name} | {counts} | {stage.seconds:.0f} | {int(since) // 60}:{int(since) % 60:02} |")


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__)
    reader.add_argument("--template", default="django")
    reader.add_argument("--words", action="store_true", help="show what is read on each page")
    chosen = reader.parse_args()
    demo = Demo().start()
    try:
        person, said = played(chosen.template, demo, shows=chosen.words)
    finally:
        demo.stop()
    table(person)
    sys.stdout.write(f"\n{said}")
    assert "Granted:" in said


if __name__ == "__main__":
    main()
