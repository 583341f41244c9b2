"""Make the pictures of the README and of docs/: `make pictures`. Light and dark, of a demo started for it.

What they are put into says who looks: `README.md`, and for each kind of reader the page of `docs/` about what is theirs.
Those of the guide for developers are light alone, and come last, as they leave the demo changed; `… tests.browser.pictures guide`
makes no others.
"""

import sys
from pathlib import Path

from PIL import Image
from playwright.sync_api import sync_playwright

from tests.browser import guide_pictures
from tests.support.browser import Chromium, Visitor, launch
from tests.support.demo_server import ROOT, Demo
from tests.support.demo_world import World

FOLDER = ROOT / "docs" / "pictures"
COLOURS = 128  # that a picture has: pages have few, and it weighs a third of one with all


def at(visitor: Visitor, who: str, address: str, *links: str) -> None:
    """Somebody signed in, at an address and wherever links in the page lead from there; in English, as the documents are."""
    visitor.sign_in(who)
    visitor.open(address)
    english = visitor.page.locator("button[name=language][value=en]:not([aria-current])")
    if english.count():
        english.click()
    for link in links:
        visitor.look("0")
        visitor.page.locator("main").locator(link).first.click()
    visitor.look("0")


def sign_in(visitor: Visitor) -> None:
    visitor.open("/account/login/")


def register(visitor: Visitor) -> None:
    visitor.open("/account/signup/")


def consent(visitor: Visitor) -> None:
    visitor.sign_in("manager_levante")
    scope = "openid profile giponext.patients giponext.agenda offline_access"
    visitor.open(visitor.world.request("web", prompt="consent", scope=scope))


def client(visitor: Visitor) -> None:
    at(visitor, "developer", "/developer/applications/", "a:text-is('Agenda Facile')")


def starting(visitor: Visitor) -> None:
    at(visitor, "developer", "/developer/applications/new/")


def begun(visitor: Visitor, step: str) -> None:
    """A step of a registration that was just begun from a template."""
    starting(visitor)
    visitor.page.locator("input[name=name]").fill("Diario Clinico")
    visitor.page.locator("input[name=start][value=django]").check()
    visitor.page.locator("input[name=environment][value=production]").check()
    visitor.page.locator("main form .button--primary").click()
    visitor.page.locator(f"main nav a[href$='/edit/{step}/']").click()


def step(visitor: Visitor) -> None:
    begun(visitor, "redirects")
    visitor.page.locator("textarea[name=redirect_uris]").fill("https://diario.example/callback\nhttp://diario.example/")
    visitor.page.locator("main form .button--primary").click()


def scopes(visitor: Visitor) -> None:
    begun(visitor, "scopes")
    visitor.page.locator("[name='scope:giponext.patients']").check()
    visitor.page.locator("code:text-is('giponext.patients')").evaluate("each => each.scrollIntoView({block: 'center'})")


def summary(visitor: Visitor) -> None:
    begun(visitor, "summary")


def review(visitor: Visitor) -> None:
    at(visitor, "operator", "/staff/applications/", "a:has-text('Agenda Facile Reports')")


def queue(visitor: Visitor) -> None:
    at(visitor, "operator", "/staff/applications/")


def people(visitor: Visitor) -> None:
    at(visitor, "manager_aurora", "/clinic/people/")


def integrator(visitor: Visitor) -> None:
    at(visitor, "manager_aurora", "/clinic/integrators/", "a:has-text('ines@integra.example')")


def ticket(visitor: Visitor) -> None:
    at(visitor, "support", "/support/", "a:has-text('lumaca')")


def users(visitor: Visitor) -> None:
    at(visitor, "operator", "/staff/users/")


def two_operators(visitor: Visitor) -> None:
    at(visitor, "second_operator", "/staff/proposals/", "a:has-text('Sara')")


def access_log(visitor: Visitor) -> None:
    at(visitor, "dpo_aurora", "/clinic/records/log/")


def answer(visitor: Visitor) -> None:
    at(visitor, "dpo_aurora", "/clinic/records/questions/", "li a")


# What to show, and the size of the window; the consent page is shown whole.
PICTURES = {
    "sign-in": (sign_in, 1000, 760),
    "consent": (consent, 760, 1000),
    "client": (client, 1200, 900),
    "registering": (starting, 1200, 900),
    "registering-step": (step, 1200, 900),
    "registering-scopes": (scopes, 1200, 900),
    "registering-summary": (summary, 1200, 900),
    "review": (review, 1440, 1080),
    "queue": (queue, 1200, 1000),
    "register": (register, 760, 900),
    "people": (people, 1280, 900),
    "integrator": (integrator, 1200, 900),
    "ticket": (ticket, 1200, 1000),
    "users": (users, 1280, 760),
    "two-operators": (two_operators, 1200, 760),
    "access-log": (access_log, 1200, 900),
    "answer": (answer, 1200, 900),
}


def take(chromium: Chromium) -> None:
    """Take every picture of `PICTURES` twice; pages taller than the picture show their upper part."""
    for name, (go, width, height) in PICTURES.items():
        for scheme in ("light", "dark"):
            with chromium.visitor(color_scheme=scheme) as visitor:
                visitor.page.set_viewport_size({"width": width, "height": height})
                go(visitor)
                visitor.page.wait_for_load_state("networkidle")
                path = FOLDER / f"{name}-{scheme}.png"
                visitor.page.screenshot(path=path, animations="disabled", full_page=name == "consent")
                shrink(path)


def shoot(visitor: Visitor, name: str, height: int) -> None:
    """A picture of what somebody sees now, from where the page is scrolled to."""
    visitor.page.set_viewport_size({"width": 1280, "height": height})
    visitor.page.wait_for_load_state("networkidle")
    path = FOLDER / f"{name}.png"
    visitor.page.screenshot(path=path, animations="disabled")
    shrink(path)


def shrink(path: Path) -> None:
    """Write it anew with as many colours as it needs."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").quantize(COLOURS, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    small.save(path, optimize=True)


def main() -> None:
    """Start a demo, take the pictures, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    demo = Demo(port=8000).start()
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            chromium = Chromium(World(demo), browser)
            if "guide" not in sys.argv[1:]:
                take(chromium)
            guide_pictures.take(chromium, shoot)
            browser.close()
    finally:
        demo.stop()
    for picture in sorted(FOLDER.glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
