"""The services walked at random on a real database: what the protocol sees is what an operator approved (S13)."""

import contextlib
import itertools
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.support import registrations
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import queries, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration

# Who does it in an orderly world; now and then the other one tries. The way to an approval is drawn more often.
STEPS = {
    "save": "davide",
    "submit": "davide",
    "withdraw": "davide",
    "approve": "olga",
    "request_changes": "olga",
    "reject": "olga",
    "suspend": "olga",
    "restore": "olga",
    "retire": "davide",
    "secret": "davide",
    "edit": "davide",
}
ORDERLY = st.sampled_from(["save", "submit", "approve"] * 3 + [name for name in STEPS if name != "retire"]).map(
    lambda name: (name, STEPS[name])
)
ANY = st.tuples(st.sampled_from(list(STEPS)), st.sampled_from(["davide", "olga"]))
PATHS = st.lists(st.one_of(ORDERLY, ORDERLY, ORDERLY, ANY), min_size=10, max_size=40)


class Walk:
    """Carries out steps and remembers, apart from the database, what was approved and what was stopped."""

    def __init__(self, davide: User, olga: User) -> None:
        self.people = {"davide": Origin(davide), "olga": Origin(olga)}
        self.application = registrations.draft(davide)
        self.numbers = itertools.count()
        self.approved: Registration | None = None
        self.stopped = False

    def step(self, name: str, who: str) -> None:
        getattr(self, name)(self.people[who], who)

    @property
    def latest(self) -> Revision:
        return self.application.revisions.order_by("-number")[0]

    def save(self, origin: Origin, who: str) -> None:
        uri = f"https://app{next(self.numbers)}.example/callback"
        services.save_draft(self.application, registrations.registration(redirect_uris=(uri,)), origin)

    def submit(self, origin: Origin, who: str) -> None:
        services.submit(self.application, origin)

    def withdraw(self, origin: Origin, who: str) -> None:
        services.withdraw(self.application, origin)

    def approve(self, origin: Origin, who: str) -> None:
        asked = Registration.of(self.latest)
        services.approve(self.latest, origin)
        assert who == "olga"
        self.approved = asked

    def request_changes(self, origin: Origin, who: str) -> None:
        services.request_changes(self.latest, origin, codes=["other"], text="No.")

    def reject(self, origin: Origin, who: str) -> None:
        services.reject(self.latest, origin, codes=["other"], text="No.")

    def suspend(self, origin: Origin, who: str) -> None:
        services.suspend(self.application, origin, reason="Leaked.")
        self.stopped = True

    def restore(self, origin: Origin, who: str) -> None:
        services.restore(self.application, origin, reason="x")
        assert who == "olga"
        self.stopped = False

    def retire(self, origin: Origin, who: str) -> None:
        services.retire(self.application, origin)
        self.stopped = True

    def secret(self, origin: Origin, who: str) -> None:
        services.create_secret(self.application, origin, label="one more")

    def edit(self, origin: Origin, who: str) -> None:
        details = replace(Details.of(self.application), name=f"Agenda {next(self.numbers)}")
        services.edit_details(self.application, details, origin)

    def check(self) -> None:
        self.application.refresh_from_db()
        if self.approved is None:
            assert self.application.client_id is None
            return
        client = queries.client(self.application.client_id or "")
        assert client is not None
        assert client.usable is not self.stopped
        assert client.redirect_uris == self.approved.redirect_uris
        assert tuple(client.scopes) == tuple(scope.name for scope in self.approved.scopes)


@pytest.mark.either_engine
@pytest.mark.django_db
@settings(max_examples=24, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PATHS)
def test_the_client_is_always_what_was_approved_last(davide: User, olga: User, path: list[tuple[str, str]]) -> None:
    walk = Walk(davide, olga)
    for name, who in path:
        with contextlib.suppress(Conflict, Denied, Invalid):
            walk.step(name, who)
        walk.check()
    numbers = list(
        Revision.objects.filter(application=walk.application).order_by("number").values_list("number", flat=True)
    )
    assert numbers == list(range(1, len(numbers) + 1))
    Application.objects.filter(pk=walk.application.pk).update(state="retired")
