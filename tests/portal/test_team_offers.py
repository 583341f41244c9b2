"""Nobody is offered what their role in the team does not let them do: every link and form of the pages of an application, followed."""

from urllib.parse import urljoin, urlsplit

import pytest
from django.test import Client

from tests.support import people
from tests.support.html import parse
from tests.support.portal_world import viewpoints
from varco.registry.models import TeamMember

pytestmark = pytest.mark.either_engine
OURS = ("/developer/",)
LEADS_AWAY = ("/developer/applications/new/",)


def reached(browser: Client, start: str) -> tuple[dict[str, int], set[str]]:
    """Every own page that links lead to from `start`, with its status; and where its forms send."""
    found: dict[str, int] = {}
    forms: set[str] = set()
    waiting = [start]
    while waiting:
        address = waiting.pop()
        path = urlsplit(address).path
        if path in found or not path.startswith(OURS) or path.startswith(LEADS_AWAY):
            continue
        answer = browser.get(address)
        found[path] = answer.status_code
        if answer.status_code != 200 or "html" not in answer["Content-Type"]:
            continue
        page = parse(answer.content)
        waiting += [urljoin(address, str(link["href"])) for link in page.select("main a[href]")]
        forms |= {
            urlsplit(urljoin(address, str(form.get("action") or path))).path
            for form in page.select("main form")
            if str(form.get("method", "get")).lower() == "post"
        }
    return found, forms


def test_whoever_belongs_to_a_team_is_led_to_nothing_that_is_not_theirs(db: None) -> None:
    view = viewpoints()[0]
    application, team = view.side.application, view.side.team
    for role in ("viewer", "maintainer", "owner"):
        other = people.person(f"Vito {role}", "Visitor", email=f"{role}@visitor.example", developer_since=1)
        TeamMember.objects.create(team=team, user=other, role=role)
        browser = Client()
        browser.force_login(other)
        found, forms = reached(browser, f"/developer/applications/{application.pk}/")
        assert f"/developer/teams/{team.public_id}/" in found, role
        assert len(found) > 8, role
        assert {path: status for path, status in found.items() if status not in {200, 302, 303}} == {}, role
        own = team.members.get(user=other)
        if role == "viewer":
            assert forms <= {f"/developer/teams/{team.public_id}/members/{own.pk}/remove/", "/developer/teams/new/"}
        own.delete()
