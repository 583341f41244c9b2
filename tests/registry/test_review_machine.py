"""Every act by every person from every state, as a state machine beside the services: the table decides, and nothing else (S13, S44)."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from tests.support import people, registrations
from tests.support.protocol_records import machine_settings
from varco.accounts.models import User
from varco.audit.services import Origin
from varco.registry import queries, services
from varco.registry.errors import Conflict, Denied, Invalid
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, application_after, may, revision_after
from varco.registry.models import Application, Revision
from varco.registry.registration import Details, Registration

_R, _A, _D, _O = RevisionAct, ApplicationAct, Role.DEVELOPER, Role.OPERATOR


@dataclass(frozen=True)
class Act:
    """What a service does by the table, to the revision, to the application or to both, and for which side it is."""

    side: Role
    revision: RevisionAct | None = None
    application: ApplicationAct | None = None


ACTS = {
    "save": Act(_D, None, _A.REVISE),
    "submit": Act(_D, _R.SUBMIT, _A.REVISE),
    "withdraw": Act(_D, _R.WITHDRAW),
    "approve": Act(_O, _R.APPROVE, _A.APPROVE),
    "request_changes": Act(_O, _R.REQUEST_CHANGES),
    "reject": Act(_O, _R.REJECT),
    "assign": Act(_O, _R.ASSIGN),
    "ask": Act(_O, _R.MESSAGE),
    "answer": Act(_D, _R.MESSAGE),
    "note": Act(_O, _R.NOTE),
    "edit": Act(_D, None, _A.EDIT),
    "suspend": Act(_O, None, _A.SUSPEND),
    "restore": Act(_O, None, _A.RESTORE),
    "retire": Act(_D, None, _A.RETIRE),
}
# Bruna's application: she is an operator too, and stands on the developer's side of it alone.
SIDES = {"bruna": _D, "olga": _O, "omar": _O, "davide": None, "sara": None, "ended": None}
FOR_TWO = ("openid", "giponext.medicalreports")
LIKELY = {_D: ["bruna"], _O: ["olga", "omar"]}


class Desk(RuleBasedStateMachine):
    """One application; beside it what the table says of it, and who approved what."""

    cast: dict[str, User]

    def __init__(self) -> None:
        super().__init__()
        self.numbers = itertools.count()
        self.application = registrations.draft(self.cast["bruna"], scopes=FOR_TWO)
        self.state = "pending"
        self.revisions = ["draft"]
        # Who gave the first of two approvals, and in which state of the application: it counts in that one.
        self.first: tuple[str, str] | None = None
        self.live: Registration | None = None

    def teardown(self) -> None:
        """Nobody may have any number of applications."""
        Application.objects.filter(pk=self.application.pk).update(state="retired")

    @property
    def latest(self) -> Revision:
        return self.application.revisions.order_by("-number")[0]

    @property
    def handed_in(self) -> int | None:
        """The place of the last revision that was handed in."""
        return next((place for place in reversed(range(len(self.revisions))) if self.revisions[place] != "draft"), None)

    @precondition(lambda self: self.state != "retired")
    @rule(times=st.integers(1, 4))
    def forward(self, times: int) -> None:
        """On the way to an approval."""
        for _ in range(times):
            name = {"draft": "submit", "submitted": "approve"}.get(self.revisions[-1], "save")
            approver = "omar" if self.first and self.first[0] == "olga" else "olga"
            self.act(name, approver if name == "approve" else "bruna")

    @precondition(lambda self: self.live is not None and self.state != "retired")
    @rule(name=st.sampled_from(["suspend", "restore", "approve", "reject"]))
    def stop_or_go(self, name: str) -> None:
        self.act(name, "olga")

    @rule(name=st.sampled_from([name for name in ACTS if name != "retire"]), number=st.integers(0, 1))
    def likely(self, name: str, number: int) -> None:
        people_of = LIKELY[ACTS[name].side]
        self.act(name, people_of[number % len(people_of)])

    @rule(name=st.sampled_from([*ACTS][:-1] * 2 + [*ACTS]), who=st.sampled_from(list(SIDES)))
    def anybody(self, name: str, who: str) -> None:
        self.act(name, who)

    def act(self, name: str, who: str) -> None:
        asked, expected = Registration.of(self.latest), self.expected(name, who)
        refused: type[Exception] | None = None
        try:
            getattr(self, f"_{name}")(Origin(self.cast[who]))
        except (Denied, Conflict, Invalid) as refusal:
            refused = type(refusal)
        assert refused is expected, f"{name} by {who} in {self.state}, {self.revisions}"
        if refused is None:
            self.follow(name, who, asked)

    def expected(self, name: str, who: str) -> type[Exception] | None:
        """What the act is refused with, by the table and by whose side it is."""
        act, latest = ACTS[name], self.revisions[-1]
        if name == "answer" and self.handed_in is None:
            return Conflict
        if SIDES[who] != act.side:
            return Denied
        if name in {"ask", "answer", "note"}:
            latest = self.revisions[-1] if name != "answer" else self.revisions[self.handed_in or 0]
        possible = act.application is None or may(self.state, act.application, act.side)
        if act.revision is not None:
            possible = possible and may(latest, act.revision, act.side)
        if name == "save":
            possible = possible and latest != "submitted"
        if name == "approve" and self.first == (who, self.state):
            possible = False
        return None if possible else Conflict

    def follow(self, name: str, who: str, asked: Registration) -> None:
        """The act as the table has it."""
        act, side = ACTS[name], ACTS[name].side
        if name == "approve" and (self.first is None or self.first[1] != self.state):
            self.first = (who, self.state)
            return
        if name == "save" and self.revisions[-1] != "draft":
            self.revisions.append("draft")
        if name == "edit":
            self.first = None  # of another name
        if name == "approve":
            assert self.first is not None
            assert self.first[0] != who
            self.live = asked
        if act.application not in {None, _A.REVISE, _A.EDIT}:
            self.state = application_after(self.state, act.application, side)
        if name == "retire" and may(self.revisions[-1], _R.WITHDRAW, _D):
            self.revisions[-1] = "withdrawn"
        if act.revision is not None and act.revision not in {_R.MESSAGE, _R.NOTE}:
            self.revisions[-1] = revision_after(self.revisions[-1], act.revision, side)
        if self.revisions[-1] != "submitted":
            self.first = None

    @invariant()
    def what_runs_is_what_two_people_approved(self) -> None:
        now = Application.objects.get(pk=self.application.pk)
        states = list(now.revisions.order_by("number").values_list("state", flat=True))
        assert (now.state, states) == (self.state, self.revisions)
        assert (now.client_id is None) == (self.live is None)
        if now.client_id and self.live is not None:
            client = queries.client(now.client_id)
            assert client is not None
            assert client.usable is (self.state == "active")
            assert client.redirect_uris == self.live.redirect_uris

    def _save(self, origin: Origin) -> None:
        uri = f"https://app{next(self.numbers)}.example/callback"
        wanted = registrations.registration(redirect_uris=(uri,), scopes=FOR_TWO)
        services.save_draft(self.application, wanted, origin)

    def _submit(self, origin: Origin) -> None:
        services.submit(self.application, origin)

    def _withdraw(self, origin: Origin) -> None:
        services.withdraw(self.application, origin)

    def _approve(self, origin: Origin) -> None:
        services.approve(self.latest, origin)

    def _request_changes(self, origin: Origin) -> None:
        services.request_changes(self.latest, origin, codes=["other"], text="", remarks={"scopes": "Why?"})

    def _reject(self, origin: Origin) -> None:
        services.reject(self.latest, origin, codes=["other"], text="No.")

    def _assign(self, origin: Origin) -> None:
        services.assign(self.latest, origin, to=self.cast["omar"])

    def _ask(self, origin: Origin) -> None:
        services.send_question(self.latest, origin, text="Why?")

    def _answer(self, origin: Origin) -> None:
        services.send_answer(self.application, origin, text="So.")

    def _note(self, origin: Origin) -> None:
        services.note(self.latest, origin, text="Odd.")

    def _edit(self, origin: Origin) -> None:
        now = Application.objects.get(pk=self.application.pk)
        details = replace(Details.of(now), name=f"Agenda {next(self.numbers)}")
        services.edit_details(self.application, details, origin)

    def _suspend(self, origin: Origin) -> None:
        services.suspend(self.application, origin, reason="Leaked.")

    def _restore(self, origin: Origin) -> None:
        services.restore(self.application, origin, reason="Found.")

    def _retire(self, origin: Origin) -> None:
        services.retire(self.application, origin)


def made_cast() -> dict[str, User]:
    makers: dict[str, Callable[[], User]] = {
        "bruna": lambda: people.person("Bruna", "Both", developer_since=1, platform_role="operator"),
        "olga": people.olga,
        "omar": lambda: people.person("Omar", "Other", platform_role="operator"),
        "davide": people.davide,
        "sara": people.sara,
        "ended": lambda: people.person("Egon", "Ended", platform_role="operator", is_active=False),
    }
    return {name: make() for name, make in makers.items()}


@pytest.mark.either_engine
@pytest.mark.django_db
def test_every_act_by_everybody_from_every_state_does_what_the_table_says() -> None:
    Desk.cast = made_cast()
    run_state_machine_as_test(Desk, settings=machine_settings(lives=8, steps=40))
