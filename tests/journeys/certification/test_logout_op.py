"""RP-Initiated Logout OP: `oidcc-rp-initiated-logout-certification-test-plan`.

Each module signs in, leaves in its own way, and looks with `prompt=none` whether the session has really ended.
"""

import base64
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.journeys.certification import suite
from tests.journeys.certification.party import Party, SignedIn
from tests.journeys.certification.visitor import Visitor, query_of
from tests.support.demo_world import World
from tests.support.http_person import Page


class Leaver:
    """Somebody who has signed in to the client, and is about to leave it."""

    def __init__(self, party: Party, visitor: Visitor) -> None:
        self.party = party
        self.visitor = visitor
        self.told: SignedIn = party.sign_in(visitor)
        self.hint = str(self.told.tokens["id_token"])

    def leave(self, **parameters: str) -> Page:
        query = f"?{urlencode(parameters)}" if parameters else ""
        return self.visitor.person.open(f"{self.party.op['end_session_endpoint']}{query}")

    def is_signed_in(self) -> bool:
        asked = self.party.request(prompt="none")
        address = self.visitor.visit(self.party.address(asked))
        if "code" in query_of(address):
            return True
        self.party.refused(address, asked, "login_required")
        return False

    def stays_on(self, page: Page) -> None:
        """The OP shows an error; the person is not sent on, and may sign out with the page's own button."""
        assert (page.left_for, page.status) == ("", 400)
        assert self.is_signed_in()
        assert not self.visitor.person.press(page, "sign out").left_for
        assert not self.is_signed_in()

    def is_asked(self, page: Page) -> None:
        """The OP asks the person, and does not send them on afterwards."""
        assert (page.left_for, page.status) == ("", 200)
        assert self.is_signed_in()
        done = self.visitor.person.press(page, "sign out")
        assert (done.left_for, done.status) == ("", 200)
        assert not self.is_signed_in()


@pytest.fixture
def leaver(world: World, basic: Party) -> Iterator[Leaver]:
    with world.person("doctor_levante") as lia:
        yield Leaver(basic, Visitor(lia))


def test_rp_initiated_logout(leaver: Leaver) -> None:
    """oidcc-rp-initiated-logout: back with the state, and signed out; twice does no harm."""
    for _ in range(2):
        page = leaver.leave(id_token_hint=leaver.hint, post_logout_redirect_uri=suite.LEFT, state="of the suite+&")
        assert page.left_for == f"{suite.LEFT}?state=of%20the%20suite%2B%26"
        assert not leaver.is_signed_in()


def test_discovery_announces_it(basic: Party) -> None:
    """oidcc-rp-initiated-logout-discovery-endpoint-verification."""
    assert basic.op["end_session_endpoint"].startswith("https://")


def test_no_state(leaver: Leaver) -> None:
    page = leaver.leave(id_token_hint=leaver.hint, post_logout_redirect_uri=suite.LEFT)
    assert page.left_for == suite.LEFT
    assert not leaver.is_signed_in()


def test_bad_post_logout_redirect_uri(leaver: Leaver) -> None:
    uri = f"{suite.BASE}/this-is-not-registered"
    leaver.stays_on(leaver.leave(id_token_hint=leaver.hint, post_logout_redirect_uri=uri, state="x"))


def test_query_added_to_post_logout_redirect_uri(leaver: Leaver) -> None:
    uri = f"{suite.LEFT}?foo=bar"
    leaver.stays_on(leaver.leave(id_token_hint=leaver.hint, post_logout_redirect_uri=uri, state="x"))


def _modified(token: str, **changed: Any) -> str:
    header, payload, signature = token.split(".")
    claims = json.loads(base64.urlsafe_b64decode(payload + "==")) | changed
    return ".".join([header, base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode(), signature])


def test_modified_id_token_hint(leaver: Leaver) -> None:
    hint = _modified(leaver.hint, sub="somebody-else")
    leaver.stays_on(leaver.leave(id_token_hint=hint, post_logout_redirect_uri=suite.LEFT, state="x"))


def test_bad_id_token_hint(leaver: Leaver) -> None:
    """oidcc-rp-initiated-logout-bad-id-token-hint."""
    leaver.stays_on(leaver.leave(id_token_hint="bad.id.token", post_logout_redirect_uri=suite.LEFT, state="x"))


def test_no_id_token_hint(leaver: Leaver) -> None:
    leaver.stays_on(leaver.leave(post_logout_redirect_uri=suite.LEFT, state="x"))


def test_no_id_token_hint_but_the_client(leaver: Leaver) -> None:
    """`client_id` in its place (§2): the person is asked, and goes where the client has registered."""
    page = leaver.leave(client_id=leaver.party.client_id, post_logout_redirect_uri=suite.LEFT, state="x")
    assert (page.left_for, page.status) == ("", 200)
    assert leaver.is_signed_in()
    assert leaver.visitor.person.press(page, "sign out").left_for == f"{suite.LEFT}?state=x"
    assert not leaver.is_signed_in()


def test_no_params(leaver: Leaver) -> None:
    leaver.is_asked(leaver.leave())


def test_only_state(leaver: Leaver) -> None:
    leaver.is_asked(leaver.leave(state="x"))


def test_no_post_logout_redirect_uri(leaver: Leaver) -> None:
    page = leaver.leave(id_token_hint=leaver.hint, state="x")
    assert (page.left_for, page.status) == ("", 200)
    assert not leaver.is_signed_in()


def test_the_hint_of_another_client_does_not_open_this_ones_way_out(leaver: Leaver, posting: Party) -> None:
    other = posting.sign_in(leaver.visitor).tokens["id_token"]
    leaver.stays_on(leaver.leave(id_token_hint=other, post_logout_redirect_uri=suite.LEFT, state="x"))


def test_a_form_post_leaves_as_a_link_does(leaver: Leaver) -> None:
    """RP-Initiated Logout §2: OPs answer GET and POST; a form of another site brings no Lax cookie along."""
    fields = {"id_token_hint": leaver.hint, "post_logout_redirect_uri": suite.LEFT, "state": "x"}
    page = leaver.visitor.sent(leaver.party.op["end_session_endpoint"], fields)
    assert page.left_for == f"{suite.LEFT}?state=x"
    assert not leaver.is_signed_in()
