"""The whole life of an application, clicked by all who have a part in it, with the mails that lead from one to the next.

Draft, submitted, sent back, submitted again, approved, secret, in use, another redirect URI, a second review while the first stays
in force, approved, its secret rotated while it is used, handed over, suspended, restored, retired.
"""

import re
from collections.abc import Mapping

import httpx
import pytest
from playwright.sync_api import Page, expect

from tests.support.browser import Chromium, Visitor
from tests.support.browser_acts import NEXT, letter, link_in
from tests.support.browser_words import Words
from tests.support.client_under_load import Asking
from tests.support.demo_world import VERIFIER, World

CALLBACK, SECOND = "https://vita.example/callback", "https://vita.example/second"
SCOPES = "openid offline_access giponext.patients"


@pytest.fixture(params=("en", "it"))
def say(request: pytest.FixtureRequest) -> Words:
    """This story is told in both languages, with every mail of it."""
    return Words(request.param)


class Story:
    """What the people of a story share: the application's name and address, its plate, the language they read."""

    def __init__(self, world: World, say: Words) -> None:
        self.world, self.say = world, say
        self.name = f"Vita Intera {say.language}"
        self.page = ""  # the developers' address of the application
        self.client_id = ""

    def told(self, reader: Visitor, who: str, subject: str, **values: str) -> str:
        """The mail of a subject that one of the cast has got; the address in it is opened."""
        mail = letter(reader, self.world.account(who)["email"], self.say(subject, name=self.name, **values))
        reader.open(link_in(mail, "/(?:developer|staff)/"))
        assert reader.violations() == []
        return mail


def press(page: Page, selector: str = NEXT) -> None:
    page.locator(selector).first.click()


def fill(page: Page, values: Mapping[str, str]) -> None:
    for name, value in values.items():
        page.locator(f"[name='{name}']").fill(value)


def tick(page: Page, name: str, *, wanted: bool) -> None:
    """By keyboard: what is said beside one field while it is filled in moves those below it."""
    box = page.locator(f"[name='{name}']")
    if box.is_checked() is not wanted:
        box.press("Space")
    expect(box).to_be_checked(checked=wanted)


def register(davide: Visitor, story: Story) -> None:
    """From a template, step by step; what is left half-way is there again."""
    page = davide.page
    davide.open("/developer/applications/new/")
    fill(page, {"name": story.name})
    page.locator("[name=start][value=django]").check()
    page.locator("[name=environment][value=production]").check()
    press(page)
    page.wait_for_url("**/edit/redirects/")
    story.page = re.sub(r"/edit/.*", "/", page.url)
    fill(page, {"redirect_uris": "http://no.example/callback"})
    page.locator("button[value=leave]").click()
    davide.open(f"{story.page}edit/")
    page.wait_for_url("**/edit/redirects/")
    davide.forgive_status()
    fill(page, {"redirect_uris": CALLBACK})
    press(page)
    page.wait_for_url("**/edit/scopes/")
    for name in ("profile", "email"):
        tick(page, f"scope:{name}", wanted=False)
    for name in SCOPES.split():
        tick(page, f"scope:{name}", wanted=True)
        fill(page, {f"reason:{name}": f"The story needs it: {name}."})
    press(page)
    page.wait_for_url("**/edit/claims/")
    press(page)
    page.wait_for_url("**/edit/about/")
    fill(
        page,
        {
            "publisher": "Vita Srl",
            "description": "Lives a whole life in one story.",
            "contacts": "vita@vita.example",
            "home_url": "https://vita.example",
            "privacy_url": "https://vita.example/privacy",
        },
    )
    assert davide.violations() == []
    press(page)
    page.wait_for_url("**/edit/security/")
    press(page)
    page.wait_for_url("**/edit/summary/")
    assert davide.violations() == []
    press(page)
    expect(page.locator("main")).to_contain_text(story.say("Waiting for review"))


def open_review(olga: Visitor, story: Story) -> Page:
    olga.open("/staff/applications/")
    olga.page.locator("main").get_by_role("link", name=story.name).first.click()
    return olga.page


def send_back(olga: Visitor, story: Story) -> None:
    page = open_review(olga, story)
    page.locator("summary", has_text=story.say("Reasons to send it back")).click()
    page.locator("[name=codes]").first.check()
    fill(page, {"text": "Which lists does it print?"})
    page.locator("button[value=request_changes]").click()
    olga.open("/staff/applications/")
    expect(page.locator("main")).not_to_contain_text(story.name)


def approve(olga: Visitor, story: Story) -> None:
    page = open_review(olga, story)
    page.locator("button[value=approve]").click()
    page.locator("button[name=confirmed][value=yes]").click()
    olga.open("/staff/applications/")
    expect(page.locator("main")).not_to_contain_text(story.name)


def answer(davide: Visitor, story: Story) -> None:
    """Begin the next revision where the reviewer wanted more, and submit it."""
    story.told(davide, "developer", "Changes requested: %(name)s")
    page = davide.page
    expect(page.locator("main")).to_contain_text("Which lists does it print?")
    davide.open(f"{story.page}edit/scopes/")
    fill(page, {"reason:giponext.patients": "It prints the list of the morning."})
    press(page)
    davide.open(f"{story.page}edit/summary/")
    press(page)
    expect(page.locator("main")).to_contain_text(story.say("Waiting for review"))


def make_secret(davide: Visitor, story: Story, label: str) -> str:
    page = davide.page
    davide.open(f"{story.page}secrets/new/")
    fill(page, {"label": label})
    press(page)
    found = re.search(r"varco-secret\.[A-Za-z0-9_-]{43}\.[0-9a-f]{8}", page.content())
    assert found
    return found[0]


def use(dario: Visitor, story: Story, secret: str, redirect_uri: str = CALLBACK) -> dict[str, str]:
    """Sign in through it and allow what it asks for; its tokens."""
    asked = story.world.request(
        "web", client_id=story.client_id, redirect_uri=redirect_uri, scope=SCOPES, prompt="consent"
    )
    dario.open(asked)
    if dario.page.locator("[name=login]").count():
        dario.sign_in("doctor_aurora")
    for box in dario.page.locator("[name=scope]:not(:disabled)").all():
        box.check()
    got = dario.answer(redirect_uri, dario.page.locator("button[name=decision][value=accept]").click)
    form = {"grant_type": "authorization_code", "code": got["code"][0], "redirect_uri": redirect_uri}
    tokens = httpx.post(
        story.world.address("/oauth2/token"), data=form | {"code_verifier": VERIFIER}, auth=(story.client_id, secret)
    )
    assert tokens.status_code == 200, tokens.text
    return dict(tokens.json())


def status(story: Story, tokens: Mapping[str, str]) -> int:
    """What the API answers to the token."""
    address = story.world.address(f"/v2/tenants/{story.world.tenant('aurora')}/patients")
    return httpx.get(address, headers={"Authorization": f"Bearer {tokens['access_token']}"}).status_code


def change_address(davide: Visitor, story: Story) -> None:
    page = davide.page
    davide.open(f"{story.page}edit/redirects/")
    fill(page, {"redirect_uris": f"{CALLBACK}\n{SECOND}"})
    press(page)
    davide.open(f"{story.page}edit/summary/")
    press(page)
    expect(page.locator("main")).to_contain_text(story.say("Waiting for review"))


def rotate(davide: Visitor, story: Story, old: str, tokens: Mapping[str, str]) -> str:
    """Replace the secret while a program goes on asking with it; nothing it asks is refused."""
    with Asking(story.world.address("/oauth2/introspect"), story.client_id, old, tokens["access_token"]) as program:
        program.secret = new = make_secret(davide, story, "second")
        davide.open(story.page)
        davide.page.locator("#secrets li", has_text="first").locator("a[href$='/revoke/']").click()
        before = program.asked
        press(davide.page, "main form button.button--danger")
        expect(davide.page.locator("#secrets")).to_contain_text(story.say("Revoked"))
        davide.page.wait_for_function("() => true")
        assert program.asked >= before
    assert program.asked > 5
    assert program.refused == []
    gone = httpx.post(story.world.address("/oauth2/introspect"), data={"token": "x"}, auth=(story.client_id, old))
    assert gone.status_code == 401
    return new


def hand_over(davide: Visitor, carla: Visitor, story: Story) -> None:
    """Davide's team offers it to Carla's, which takes it."""
    carla.open("/developer/teams/")
    carla.page.get_by_role("link", name="Lampone").click()
    team = carla.page.locator("main code").first.inner_text()
    davide.open(f"{story.page}transfer/")
    fill(davide.page, {"team": team})
    press(davide.page)
    expect(davide.page.locator("main")).to_contain_text(story.say("It is offered to another team"))
    told = letter(
        carla,
        story.world.account("colleague")["email"],
        story.say("%(team)s is offered an application: %(name)s", team="Lampone", name=story.name),
    )
    carla.open(link_in(told, "/developer/teams/"))
    carla.page.locator("a[href*='/offers/']", has_text=story.name).click()
    assert carla.violations() == []
    carla.page.locator("button[value=accept]").click()
    expect(carla.page.locator("main")).to_contain_text("Lampone")
    story.told(carla, "colleague", "%(name)s belongs to %(team)s now", team="Lampone")
    refused = davide.page.goto(story.world.address(story.page) if story.page.startswith("/") else story.page)
    assert refused
    assert refused.status == 404
    davide.forgive_status()


def suspend_and_restore(olga: Visitor, carla: Visitor, story: Story, tokens: Mapping[str, str]) -> None:
    page = olga.page
    olga.open(f"/staff/applications/all/?words={story.client_id}")
    page.locator("main").get_by_role("link", name=story.name).first.click()
    here = page.url
    for act, subject, expected in (("suspend", "Suspended: %(name)s", 401), ("restore", "Restored: %(name)s", 200)):
        olga.open(f"{here}{act}/")
        fill(page, {"text": f"The story goes on: {act}."})
        page.locator("main form button.button--danger, main form button.button--primary").first.click()
        assert status(story, tokens) == expected
        assert f"The story goes on: {act}." in story.told(carla, "colleague", subject)


def retire(carla: Visitor, story: Story) -> None:
    carla.open(f"{story.page}retire/")
    assert carla.violations() == []
    press(carla.page, "main form button.button--danger")
    story.told(carla, "colleague", "Retired: %(name)s")
    expect(carla.page.locator("main")).to_contain_text(story.say("This application is retired"))


@pytest.mark.usefixtures("chromium")
def test_an_application_from_its_draft_to_its_end(world: World, chromium: Chromium, say: Words) -> None:
    story = Story(world, say)
    with (
        chromium.visitor("developer", language=say.language) as davide,
        chromium.visitor("operator", language=say.language) as olga,
        chromium.visitor("colleague", language=say.language) as carla,
        chromium.visitor(language=say.language) as dario,
    ):
        register(davide, story)
        send_back(olga, story)
        answer(davide, story)
        approve(olga, story)
        told = story.told(davide, "developer", "Approved: %(name)s")
        plate = re.search(r"varco-[0-9a-f]{16}", told + davide.page.locator("main").inner_text())
        assert plate
        story.client_id = plate[0]
        first = make_secret(davide, story, "first")
        tokens = use(dario, story, first)
        assert status(story, tokens) == 200
        change_address(davide, story)
        assert status(story, tokens) == 200, "what is approved stays in force while the change waits"
        refused = dario.page.goto(world.request("web", client_id=story.client_id, redirect_uri=SECOND, scope=SCOPES))
        assert refused
        assert refused.status == 400
        dario.forgive_status()
        approve(olga, story)
        assert status(story, use(dario, story, first, SECOND)) == 200
        new = rotate(davide, story, first, tokens)
        assert status(story, use(dario, story, new)) == 200
        hand_over(davide, carla, story)
        assert status(story, tokens) == 200, "nobody has to allow anything again"
        suspend_and_restore(olga, carla, story, tokens)
        retire(carla, story)
        assert status(story, tokens) == 401
