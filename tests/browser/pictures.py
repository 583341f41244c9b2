"""Make the pictures of the README: `make pictures`. Light and dark, of a demo started for it."""

from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.support.browser import Chromium, Visitor, launch
from tests.support.demo_server import ROOT, Demo
from tests.support.demo_world import World

FOLDER = ROOT / "docs" / "pictures"


def sign_in(visitor: Visitor) -> None:
    visitor.open("/account/login/")


def consent(visitor: Visitor) -> None:
    visitor.sign_in("manager_levante")
    scope = "openid profile giponext.patients giponext.agenda offline_access"
    visitor.open(visitor.world.request("web", prompt="consent", scope=scope))


def client(visitor: Visitor) -> None:
    visitor.sign_in("developer")
    visitor.open("/developer/applications/")
    visitor.page.locator("main").get_by_role("link", name="Agenda Facile", exact=True).first.click()


def review(visitor: Visitor) -> None:
    visitor.sign_in("operator")
    visitor.open("/staff/applications/")
    visitor.page.locator("main").get_by_role("link", name="Agenda Facile Reports").first.click()


# What to show, and the size of the window; the consent page is shown whole.
PICTURES = {
    "sign-in": (sign_in, 1000, 760),
    "consent": (consent, 760, 1000),
    "client": (client, 1200, 900),
    "review": (review, 1440, 1080),
}


def take(chromium: Chromium) -> None:
    """Take every picture twice; pages taller than the picture show their upper part."""
    for name, (go, width, height) in PICTURES.items():
        for scheme in ("light", "dark"):
            with chromium.visitor(color_scheme=scheme) as visitor:
                visitor.page.set_viewport_size({"width": width, "height": height})
                go(visitor)
                visitor.page.wait_for_load_state("networkidle")
                whole = name == "consent"
                visitor.page.screenshot(path=FOLDER / f"{name}-{scheme}.png", animations="disabled", full_page=whole)


def main() -> None:
    """Start a demo, take the pictures, stop it."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    demo = Demo(port=8000).start()
    try:
        with sync_playwright() as playwright:
            browser = launch(playwright)
            take(Chromium(World(demo), browser))
            browser.close()
    finally:
        demo.stop()
    for picture in sorted(Path(FOLDER).glob("*.png")):
        print(f"{picture.relative_to(ROOT)}  {picture.stat().st_size // 1024} kB")


if __name__ == "__main__":
    main()
