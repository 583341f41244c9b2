"""What stands around the grants of a machine: one gate and its clock, person, clinic, owner, operator and keys, each of which may fail.

`grant_model.World` is told of everything that happens here.
"""

import itertools
import json
from collections.abc import Callable
from typing import Any, TypeVar

from django.db.models import F
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule
from starlette.testclient import TestClient

from tests.conftest import FrozenClock
from tests.gate.conftest import core_of, on_its_loop
from tests.support import grant_model, people
from tests.support.asgi_client import Headers, send_all
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.keys import queries as keys
from varco.keys import services as key_services
from varco.keys.models import SigningKey
from varco.registry import services as registry
from varco.registry.models import Application, Revision, Secret
from varco.tenants.models import Membership, Tenant

SCOPES = ("openid", "offline_access", "giponext.patients", "giponext.agenda")
TROUBLES = ("person", "membership", "date", "clinic", "block", "list", "application", "secret")
NUMBER = itertools.count()
OFTEN = st.sampled_from([True, True, True, False])
SELDOM = st.sampled_from([False, False, False, True])


Act = TypeVar("Act", bound=Callable[..., None])


class Stage:
    """What all lives share: one gate and its clock, the operator, the developer, and the other application."""

    def __init__(self, gate: TestClient, clock: FrozenClock) -> None:
        self.gate, self.clock = gate, clock
        self.olga, self.davide = people.olga(), people.davide()
        self.other = people.application(self.davide, name="Another")
        self.elsewhere = people.tenant("Elsewhere")

    def read_keys(self) -> None:
        """What the gate does every few seconds."""
        key_services.ensure(algorithms=["ES256"])
        context = core_of(self.gate)
        on_its_loop(self.gate, context.keyring.refresh, self.clock())

    def send_all(self, requests: list[tuple[str, str, Headers, str]]) -> list[tuple[int, Any]]:
        """Status and JSON of each; nothing is ever answered with a fault of our own."""
        answers = send_all(self.gate, requests)
        for request, (status, content) in zip(requests, answers, strict=True):
            assert status < 500, (request, content)
        return [(status, json.loads(content) if content else {}) for status, content in answers]


def while_something_lives(act: Act) -> Act:
    """What takes life away is done where there is some: on a dead stage it would be nothing to look at."""
    return precondition(lambda self: self.something_lives())(act)


def on_and_off(trouble: str) -> Callable[[Act], Act]:
    """Trouble comes where there is life, and goes."""
    return precondition(
        lambda self: self.world.application != "retired" and (self.something_lives() or trouble in self.troubles())
    )


class Surroundings(RuleBasedStateMachine):
    """One person of a clinic and one application, and what is taken from them for a time."""

    def __init__(self, stage: Stage) -> None:
        super().__init__()
        self.stage, self.clock = stage, stage.clock
        number = next(NUMBER)
        self.user = people.member("Dario", f"C{number}", "doctor")
        self.manager = people.member("Marta", f"C{number}", "manager")
        self.app = people.application(
            stage.davide,
            scopes=[people.scope(name) for name in SCOPES],
            name=f"Application {number}",
            id_token_alg="ES256",
        )
        self.tenant = self.user.membership.tenant
        self.secret = self.app.secret
        self.world = grant_model.World(approved=set(SCOPES))
        self.grants: list[grant_model.Grant] = []
        self.consented: set[str] | None = None
        self.ended: set[int] = set()
        SigningKey.objects.all().delete()  # those that other lives have rotated and revoked are nothing to this one
        stage.read_keys()

    @property
    def now(self) -> int:
        return self.clock.seconds

    def something_lives(self) -> bool:
        """Whether an access token works just now."""
        goods = (grant.good(token, self.world, self.now) for grant in self.grants for token in grant.access)
        return self.world.allowed and any(goods)

    @rule(seconds=st.sampled_from([1, 20, 59, 61, 300]))
    def wait(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @while_something_lives
    @rule(
        seconds=st.sampled_from(
            [599, 601, grant_model.REFRESH_IDLE - 1, grant_model.REFRESH_IDLE, grant_model.REFRESH_ABSOLUTE]
        )
    )
    def wait_long(self, seconds: int) -> None:
        self.clock.advance(seconds)

    def troubles(self) -> list[str]:
        """What is taken away for a time; one thing after the other, or nobody could tell what did it."""
        world = self.world
        wrong = {
            "person": not world.person,
            "membership": not world.member,
            "date": world.member_until is not None,
            "clinic": not world.clinic,
            "block": world.blocked,
            "list": world.limited,
            "application": world.application == "suspended",
            "secret": not world.secret,
        }
        return [trouble for trouble in TROUBLES if wrong[trouble]]

    @on_and_off("person")
    @rule()
    def toggle_person(self) -> None:
        self.world.person = not self.world.person
        User.objects.filter(pk=self.user.pk).update(is_active=self.world.person)

    @on_and_off("membership")
    @rule()
    def toggle_membership(self) -> None:
        self.world.member = not self.world.member
        Membership.objects.filter(user=self.user).update(active=self.world.member)

    @on_and_off("date")
    @rule()
    def toggle_date(self) -> None:
        self.world.member_until = None if self.world.member_until is not None else self.now + 30
        Membership.objects.filter(user=self.user).update(expires_at=self.world.member_until)

    @on_and_off("clinic")
    @rule()
    def toggle_clinic(self) -> None:
        self.world.clinic = not self.world.clinic
        Tenant.objects.filter(pk=self.tenant.pk).update(state="active" if self.world.clinic else "suspended")

    @on_and_off("block")
    @rule()
    def toggle_block(self) -> None:
        self.world.blocked = not self.world.blocked
        if self.world.blocked:
            registry.block(self.app.application, Origin(self.manager), reason="not now")
        else:
            registry.unblock(self.app.application, Origin(self.manager))

    @on_and_off("list")
    @rule()
    def toggle_list(self) -> None:
        """The owner names another clinic, and so rules this one out."""
        self.world.limited = not self.world.limited
        change = registry.add_tenant if self.world.limited else registry.remove_tenant
        change(self.app.application, Origin(self.stage.davide), tenant_id=self.stage.elsewhere.public_id)

    @on_and_off("application")
    @rule()
    def toggle_application(self) -> None:
        suspended = self.world.application == "suspended"
        act = registry.restore if suspended else registry.suspend
        act(self.app.application, Origin(self.stage.olga), reason="for now")
        self.world.application = "active" if suspended else "suspended"

    @on_and_off("secret")
    @rule()
    def toggle_secret(self) -> None:
        origin = Origin(self.stage.davide)
        if self.world.secret:
            registry.revoke_secret(Secret.objects.get(application=self.app.application, revoked_at=None), origin)
        else:
            self.secret = registry.create_secret(self.app.application, origin, label="next").text
        self.world.secret = not self.world.secret

    @while_something_lives
    @rule(sure=SELDOM)
    def owner_retires_it(self, sure: bool) -> None:
        if sure and len(self.grants) > 3 and self.world.application == "active":
            registry.retire(self.app.application, Origin(self.stage.davide))
            self.world.application = "retired"

    @rule(approved=st.sets(st.sampled_from(SCOPES[2:]), min_size=1))
    def another_revision_comes_into_force(self, approved: set[str]) -> None:
        self.world.approved = {*SCOPES[:2], *approved}
        listed = [people.scope(name) for name in SCOPES if name in self.world.approved]
        Revision.objects.filter(pk=self.app.revision.pk).update(scopes=listed)
        Application.objects.filter(pk=self.app.application.pk).update(version=F("version") + 1)

    @rule(emergency=st.booleans())
    def keys_change(self, emergency: bool) -> None:
        """On the calendar, what the key before signed stays good; in an emergency it is worthless at once."""
        signing = keys.current("ES256", self.now)
        assert signing
        if emergency:
            key_services.revoke(signing.kid)
            self.world.dead_keys.add(signing.kid)
        else:
            key_services.rotate(["ES256"])
        self.stage.read_keys()
