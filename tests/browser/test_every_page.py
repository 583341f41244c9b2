"""Every main page, light and dark, wide and narrow: accessible, nothing sideways, nothing too small for a finger.

Each is opened once. Its colours alone differ in the dark, and its layout by the width alone, not by how the page was opened.
"""

import pytest

from tests.support.browser import NARROW, WIDE, Chromium, Visitor

# (who is looking, a name for the page, how to get there: addresses to open, then links to follow)
PAGES: list[tuple[str, str, list[str]]] = [
    ("", "sign-in", ["/account/login/"]),
    ("", "forgotten password", ["/account/password/reset/"]),
    ("", "front page", ["/"]),
    ("", "register", ["/account/signup/"]),
    ("", "terms", ["/help/terms"]),
    ("", "left out on purpose", ["/help/unsupported"]),
    ("", "changes to the API", ["/docs/changes/"]),
    ("", "status", ["/status/"]),
    ("", "unknown application", ["/oauth2/authorize?client_id=nobody"]),
    ("", "no such page", ["/nothing-here"]),
    ("", "styleguide", ["/styleguide/"]),
    ("", "mailbox", ["/demo/mailbox"]),
    ("doctor_aurora", "consent", ["consent"]),
    ("doctor_aurora", "choose an account", ["choose"]),
    ("doctor_aurora", "sign in anew", ["login"]),
    ("doctor_aurora", "home", ["/"]),
    ("doctor_aurora", "account", ["/account/"]),
    ("doctor_aurora", "be somebody else", ["/demo/people/"]),
    ("doctor_aurora", "own data", ["/account/data/"]),
    ("doctor_aurora", "close the account", ["/account/close/"]),
    ("doctor_aurora", "profile", ["/account/profile/"]),
    ("doctor_aurora", "password", ["/account/password/change/"]),
    ("doctor_aurora", "second factor", ["/account/2fa/"]),
    ("doctor_aurora", "sessions", ["/account/sessions/"]),
    ("doctor_aurora", "end a session", ["/account/sessions/", "main a[href$='/end/']"]),
    ("doctor_aurora", "code of a device", ["/device"]),
    ("doctor_aurora", "consent for a device", ["device", "main .card form button"]),
    ("doctor_aurora", "connected applications", ["/account/applications/"]),
    (
        "doctor_aurora",
        "one connected application",
        ["/account/applications/", "main a[href^='/account/applications/varco-']"],
    ),
    ("developer", "applications", ["/developer/applications/"]),
    ("developer", "new application", ["/developer/applications/new/"]),
    ("developer", "new application on one page", ["/developer/applications/new/one-page/"]),
    ("developer", "sandboxes", ["/developer/sandboxes/"]),
    ("developer", "new sandbox", ["/developer/sandboxes/new/"]),
    ("developer", "which registration", ["/developer/applications/guide/"]),
    ("developer", "which registration, a question", ["/developer/applications/guide/difference/"]),
    (
        "developer",
        "summary of the steps",
        ["/developer/applications/", "main a:has-text('Agenda Facile')", "a[href$='/edit/']"],
    ),
    *(
        (
            "developer",
            f"step {step}",
            [
                "/developer/applications/",
                "main a:has-text('Agenda Facile')",
                "a[href$='/edit/']",
                f"a[href$='/{step}/']",
            ],
        )
        for step in ("redirects", "scopes", "security")
    ),
    ("developer", "client page", ["/developer/applications/", "main a:has-text('Agenda Facile')"]),
    (
        "developer",
        "new secret",
        ["/developer/applications/", "main a:has-text('Agenda Facile')", "a[href$='/secrets/new/']"],
    ),
    (
        "developer",
        "refusals",
        ["/developer/applications/", "main a:has-text('Agenda Facile')", "a[href$='/refusals/']"],
    ),
    (
        "developer",
        "change",
        ["/developer/applications/", "main a:has-text('Agenda Facile')", "a[href$='/registration/']"],
    ),
    (
        "developer",
        "limit to certain centres",
        ["/developer/applications/", "main a:has-text('Agenda Facile')", "a[href$='/centres/new/']"],
    ),
    ("manager_levante", "tickets", ["/tickets/"]),
    ("manager_levante", "ticket to open", ["/tickets/new/developer_activation/"]),
    ("manager_levante", "one ticket", ["/tickets/", "main .row__title a"]),
    ("manager_aurora", "ticket to confirm", ["/tickets/", "main a:has-text('Silvia')", "main a[href$='/confirm/']"]),
    ("support", "inbox of tickets", ["/support/?state=all"]),
    ("support", "ticket at the desk", ["/support/", "main a:has-text('lumaca')"]),
    ("support", "introduced developers", ["/support/developers/"]),
    ("support", "introduced developer", ["/support/developers/", "main .row__title a"]),
    ("manager_levante", "applications of the clinic", ["/clinic/applications/"]),
    ("manager_aurora", "integrator access", ["/clinic/integrators/"]),
    ("manager_aurora", "one integrator user", ["/clinic/integrators/", "main article a"]),
    ("manager_aurora", "report on an integrator user", ["/clinic/integrators/2/report/"]),
    ("manager_aurora", "who keeps access", ["/clinic/confirmations/"]),
    (
        "manager_aurora",
        "who uses an application",
        ["/clinic/applications/", "main a[href^='/clinic/applications/varco-']"],
    ),
    ("manager_levante", "people of the clinic", ["/clinic/people/"]),
    ("manager_levante", "a person of the clinic", ["/clinic/people/", "main table a:has-text('Luca')"]),
    ("manager_aurora", "invite somebody", ["/clinic/people/invite/"]),
    ("manager_aurora", "settings of the clinic", ["/clinic/settings/"]),
    ("operator", "users", ["/staff/users/"]),
    ("operator", "a user", ["/staff/users/?words=luca", "main table a:has-text('Luca')"]),
    ("operator", "medical centres", ["/staff/tenants/"]),
    ("operator", "a proposal", ["/staff/proposals/", "main a:has-text('Sara')"]),
    ("operator", "audit", ["/staff/audit/"]),
    ("operator", "mail outbox", ["/staff/platform/mail/"]),
    ("operator", "roles", ["/staff/platform/roles/"]),
    ("operator", "settings in force", ["/staff/platform/settings/"]),
    ("dpo_aurora", "access log", ["/clinic/records/log/"]),
    ("dpo_aurora", "patients' questions", ["/clinic/records/questions/"]),
    ("dpo_aurora", "new question", ["/clinic/records/questions/new/"]),
    ("dpo_aurora", "answer", ["/clinic/records/questions/", "main li a"]),
    ("dpo_aurora", "answer given", ["/clinic/records/questions/", "main li a", "a[href$='/answered/']"]),
    ("dpo_aurora", "chain of evidence", ["/clinic/records/evidence/", "main li a"]),
    ("operator", "incident pack", ["/staff/audit/pack/"]),
    ("operator", "review queue", ["/staff/applications/"]),
    ("operator", "all applications", ["/staff/applications/all/"]),
    ("operator", "find a request", ["/help/requests"]),
    ("operator", "review of a new application", ["/staff/applications/", "main a:has-text('Ricette in Tasca')"]),
    (
        "operator",
        "questions and notes",
        ["/staff/applications/", "main a:has-text('Ricette in Tasca')", "a[href$='/thread/']"],
    ),
    (
        "developer",
        "questions of the reviewer",
        ["/developer/applications/", "main a:has-text('Ricette in Tasca')", "#review a"],
    ),
    ("operator", "review of a change", ["/staff/applications/", "main a:has-text('Agenda Facile Reports')"]),
]
every_page = pytest.mark.parametrize(("who", "page", "way"), PAGES, ids=[page for _, page, _ in PAGES])


def go(visitor: Visitor, way: list[str]) -> None:
    """Follow the way to the page."""
    for step in way:
        asked = {"consent": "consent", "choose": "select_account", "login": "login"}.get(step)
        if asked:
            visitor.open(visitor.world.request("native", prompt=asked, redirect_uri="http://127.0.0.1/callback"))
        elif step == "device":
            device = visitor.world.client("device")
            form = {"client_id": device["client_id"], "scope": "openid offline_access giponext.agenda"}
            begun = visitor.page.request.post(visitor.world.address("/oauth2/device_authorization"), form=form)
            visitor.open(begun.json()["verification_uri_complete"])
        elif step.startswith("/"):
            visitor.open(step)
        else:
            visitor.page.locator(step).first.click()
            visitor.page.wait_for_load_state()


@every_page
def test_axe_finds_nothing_and_on_a_telephone_nothing_is_sideways_or_too_small(
    chromium: Chromium, who: str, page: str, way: list[str]
) -> None:
    with chromium.reader(who) as visitor:
        visitor.page.set_viewport_size(WIDE)
        visitor.page.emulate_media(color_scheme="light")
        go(visitor, way)
        visitor.forgive_status()
        assert visitor.violations() == []
        visitor.page.emulate_media(color_scheme="dark")
        assert visitor.violations(colours_alone=True) == []
        visitor.page.set_viewport_size(NARROW)
        assert visitor.overflow() == []
        assert visitor.small_targets() == []


@pytest.mark.parametrize(("who", "page", "way"), [row for row in PAGES if row[1] in {"sign-in", "consent"}])
def test_sign_in_and_consent_weigh_under_60_kb_cold(chromium: Chromium, who: str, page: str, way: list[str]) -> None:
    with chromium.visitor(who) as visitor:
        weighed = visitor.weigh(lambda: go(visitor, way))
    assert 2_000 < weighed < 60_000
