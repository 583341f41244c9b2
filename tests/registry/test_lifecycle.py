"""The table of moves, walked by hypothesis: nothing becomes usable that was not approved (S13)."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from varco.registry.lifecycle import (
    APPLICATIONS,
    OPEN,
    REVISIONS,
    ApplicationAct,
    NotPossible,
    RevisionAct,
    Role,
    application_after,
    may,
    revision_after,
)
from varco.registry.models import Application, Revision

ACTS = st.one_of(st.sampled_from(RevisionAct), st.sampled_from(ApplicationAct))


@dataclass
class Walked:
    """An application as the services keep it, and beside it what operators and the policy have approved, kept apart."""

    state: str = "pending"
    revisions: list[str] = field(default_factory=lambda: ["draft"])
    live: int | None = None
    approved: list[int] = field(default_factory=list)
    stopped_by_operator: bool = False

    def act(self, act: RevisionAct | ApplicationAct, role: Role) -> None:
        if isinstance(act, RevisionAct):
            if act == RevisionAct.APPROVE:
                application_after(self.state, ApplicationAct.APPROVE, role)
            self.revisions[-1] = revision_after(self.revisions[-1], act, role)
            if act == RevisionAct.APPROVE:
                self.state = application_after(self.state, ApplicationAct.APPROVE, role)
                self.live = len(self.revisions) - 1
                self.approved.append(self.live)
                assert role is not Role.DEVELOPER
            return
        if act == ApplicationAct.APPROVE:
            return  # done by approving a revision, never by itself
        self.state = application_after(self.state, act, role)
        if act == ApplicationAct.REVISE and self.revisions[-1] not in OPEN:
            self.revisions.append("draft")
        if act == ApplicationAct.SUSPEND:
            self.stopped_by_operator = True
        if act == ApplicationAct.RESTORE:
            assert role is Role.OPERATOR
            self.stopped_by_operator = False


@settings(max_examples=500)
@given(st.lists(st.tuples(ACTS, st.sampled_from(Role)), max_size=40))
def test_no_path_of_acts_makes_anything_usable_that_was_not_approved(
    path: list[tuple[RevisionAct | ApplicationAct, Role]],
) -> None:
    walked = Walked()
    retired = False
    for act, role in path:
        try:
            walked.act(act, role)
        except NotPossible:
            assert not may(walked.revisions[-1] if isinstance(act, RevisionAct) else walked.state, act, role) or (
                act == RevisionAct.APPROVE and walked.state == "retired"
            )
        if walked.state == "active":
            assert walked.live is not None
            assert walked.live == walked.approved[-1]
            assert walked.revisions[walked.live] == "approved"
            assert not walked.stopped_by_operator
            assert not retired
        retired = retired or walked.state == "retired"
        assert sum(state in OPEN for state in walked.revisions) <= 1


def test_the_tables_speak_of_every_state_of_the_models_and_of_no_other() -> None:
    revisions = {state for state, _, _ in REVISIONS} | set(REVISIONS.values())
    applications = {state for state, _, _ in APPLICATIONS} | set(APPLICATIONS.values())
    assert revisions == set(Revision.State.values)
    assert applications == set(Application.State.values)


def test_a_developer_decides_about_nothing_and_an_operator_writes_nothing() -> None:
    of_the_desk = {
        RevisionAct.APPROVE, RevisionAct.APPROVE_FIRST, RevisionAct.REQUEST_CHANGES, RevisionAct.REJECT, RevisionAct.ASSIGN, RevisionAct.NOTE,
    }  # fmt: skip
    rows = [(act, role) for _, act, role in REVISIONS if act is not RevisionAct.MESSAGE]
    assert all((role is not Role.DEVELOPER) == (act in of_the_desk) for act, role in rows)
    theirs = {ApplicationAct.APPROVE, ApplicationAct.SUSPEND, ApplicationAct.RESTORE, ApplicationAct.SET_PKCE}
    assert all((role is not Role.DEVELOPER) == (act in theirs) for _, act, role in APPLICATIONS)


def test_a_policy_approves_what_waits_and_does_nothing_else() -> None:
    assert [(state, act) for state, act, role in REVISIONS if role is Role.POLICY] == [
        ("submitted", RevisionAct.APPROVE)
    ]
    theirs = {(state, act) for state, act, role in APPLICATIONS if role is Role.POLICY}
    assert theirs == {("pending", ApplicationAct.APPROVE), ("active", ApplicationAct.APPROVE)}


@pytest.mark.parametrize("act", ApplicationAct)
@pytest.mark.parametrize("role", Role)
def test_retired_is_final(act: ApplicationAct, role: Role) -> None:
    with pytest.raises(NotPossible):
        application_after("retired", act, role)


@pytest.mark.parametrize("state", ["approved", "rejected", "withdrawn"])
@pytest.mark.parametrize("act", RevisionAct)
def test_a_revision_that_is_done_with_is_never_touched_again(state: str, act: RevisionAct) -> None:
    readers = {Role.OPERATOR} if act is RevisionAct.NOTE else set()  # a note leaves it as it is
    assert {role for role in Role if may(state, act, role)} == readers
    assert all(
        after == state for (before, one, _), after in REVISIONS.items() if one is RevisionAct.NOTE and before == state
    )
