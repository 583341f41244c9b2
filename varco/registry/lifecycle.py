"""What may happen to an application and to its revisions: one pure table each, `(state, act, role) → state` (S13).

Nothing else in Varco decides this. Two acts alone make software usable: `APPROVE` of a submitted revision, by a person or,
locked to the sandboxes of its team, by a policy (S44), which puts exactly that revision in force, and `RESTORE` of a suspended application, which goes back to what was in force before.
"""

from enum import StrEnum


class Role(StrEnum):
    """On whose side of an application a person stands; nobody stands on both (`registry.access.role_of`).

    Nobody is the policy: the vendor's rule, which decides where a setting lets it (`registry.policy`).
    """

    DEVELOPER = "developer"
    OPERATOR = "operator"
    POLICY = "policy"


class TeamRole(StrEnum):
    """What somebody on the developer's side is in the team of the application (S15)."""

    OWNER = "owner"
    MAINTAINER = "maintainer"
    VIEWER = "viewer"


class RevisionAct(StrEnum):
    """What can be done to one revision."""

    SAVE = "save"
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    APPROVE_FIRST = "approve_first"  # of two who have to
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    ASSIGN = "assign"
    MESSAGE = "message"  # in the thread that both sides read
    NOTE = "note"  # that only those who review read


class ApplicationAct(StrEnum):
    """What can be done to an application as a whole."""

    EDIT = "edit"
    REVISE = "revise"
    APPROVE = "approve"
    SUSPEND = "suspend"
    RESTORE = "restore"
    RETIRE = "retire"
    CREATE_SECRET = "create_secret"  # noqa: S105 - the name of an act
    REVOKE_SECRET = "revoke_secret"  # noqa: S105 - the name of an act
    SET_PKCE = "set_pkce"
    LIMIT_TENANTS = "limit_tenants"
    OFFER = "offer"  # to another team, and to take the offer back
    TRANSFER = "transfer"  # to the team that accepts it


_D, _O, _P = Role.DEVELOPER, Role.OPERATOR, Role.POLICY
_R, _A = RevisionAct, ApplicationAct

# A revision is written while it is a draft and never again: what a decision was about can always be read. To change
# anything later, the developer begins the next revision.
REVISIONS: dict[tuple[str, RevisionAct, Role], str] = {
    ("draft", _R.SAVE, _D): "draft",
    ("draft", _R.SUBMIT, _D): "submitted",
    ("draft", _R.WITHDRAW, _D): "withdrawn",
    ("submitted", _R.WITHDRAW, _D): "withdrawn",
    ("submitted", _R.APPROVE, _O): "approved",
    ("submitted", _R.APPROVE, _P): "approved",
    ("submitted", _R.REQUEST_CHANGES, _O): "changes_requested",
    ("submitted", _R.APPROVE_FIRST, _O): "submitted",
    ("submitted", _R.REJECT, _O): "rejected",
    ("submitted", _R.ASSIGN, _O): "submitted",
    ("submitted", _R.MESSAGE, _O): "submitted",
    ("submitted", _R.MESSAGE, _D): "submitted",
    ("submitted", _R.NOTE, _O): "submitted",
    ("changes_requested", _R.WITHDRAW, _D): "withdrawn",
    ("changes_requested", _R.MESSAGE, _O): "changes_requested",
    ("changes_requested", _R.MESSAGE, _D): "changes_requested",
    ("changes_requested", _R.NOTE, _O): "changes_requested",
    ("rejected", _R.NOTE, _O): "rejected",
    ("withdrawn", _R.NOTE, _O): "withdrawn",
    ("approved", _R.NOTE, _O): "approved",
}

# Approving while suspended changes what would run, not whether it runs. Secrets can be replaced while suspended, since
# a leaked one may be the very reason. Retired is final. A policy decides about nothing that a person has stopped.
APPLICATIONS: dict[tuple[str, ApplicationAct, Role], str] = {
    ("pending", _A.EDIT, _D): "pending",
    ("pending", _A.REVISE, _D): "pending",
    ("pending", _A.APPROVE, _O): "active",
    ("pending", _A.APPROVE, _P): "active",
    ("pending", _A.RETIRE, _D): "retired",
    ("pending", _A.LIMIT_TENANTS, _D): "pending",
    ("pending", _A.OFFER, _D): "pending",
    ("pending", _A.TRANSFER, _D): "pending",
    ("active", _A.EDIT, _D): "active",
    ("active", _A.REVISE, _D): "active",
    ("active", _A.APPROVE, _O): "active",
    ("active", _A.APPROVE, _P): "active",
    ("active", _A.SUSPEND, _O): "suspended",
    ("active", _A.RETIRE, _D): "retired",
    ("active", _A.CREATE_SECRET, _D): "active",
    ("active", _A.REVOKE_SECRET, _D): "active",
    ("active", _A.SET_PKCE, _O): "active",
    ("active", _A.LIMIT_TENANTS, _D): "active",
    ("active", _A.OFFER, _D): "active",
    ("active", _A.TRANSFER, _D): "active",
    ("suspended", _A.EDIT, _D): "suspended",
    ("suspended", _A.REVISE, _D): "suspended",
    ("suspended", _A.APPROVE, _O): "suspended",
    ("suspended", _A.RESTORE, _O): "active",
    ("suspended", _A.RETIRE, _D): "retired",
    ("suspended", _A.CREATE_SECRET, _D): "suspended",
    ("suspended", _A.REVOKE_SECRET, _D): "suspended",
    ("suspended", _A.SET_PKCE, _O): "suspended",
    ("suspended", _A.LIMIT_TENANTS, _D): "suspended",
    ("suspended", _A.OFFER, _D): "suspended",
    ("suspended", _A.TRANSFER, _D): "suspended",
}

OWNERS_ALONE = frozenset({_A.RETIRE, _A.OFFER, _A.TRANSFER})
"""Acts of the developer's side that a maintainer of the team may not do. A viewer may do none."""

OPEN = frozenset({"draft", "submitted"})
"""States of a revision that keep the next one from being begun."""


class NotPossible(Exception):  # noqa: N818 - an answer, not a failure of the program
    """The table has no such move: the act came too late, or from the wrong person."""

    def __init__(self, state: str, act: RevisionAct | ApplicationAct, role: Role) -> None:
        super().__init__(f"{act} by {role} is not possible in state {state}")
        self.state = state
        self.act = act
        self.role = role


def revision_after(state: str, act: RevisionAct, role: Role) -> str:
    """State of a revision after an act. Raises `NotPossible`."""
    try:
        return REVISIONS[state, act, role]
    except KeyError:
        raise NotPossible(state, act, role) from None


def application_after(state: str, act: ApplicationAct, role: Role) -> str:
    """State of an application after an act. Raises `NotPossible`."""
    try:
        return APPLICATIONS[state, act, role]
    except KeyError:
        raise NotPossible(state, act, role) from None


def team_may(act: RevisionAct | ApplicationAct, team_role: TeamRole | None) -> bool:
    """Whether what somebody is in the team lets them do an act of the developer's side (S15)."""
    if act in OWNERS_ALONE:
        return team_role == TeamRole.OWNER
    return team_role in (TeamRole.OWNER, TeamRole.MAINTAINER)


def may(state: str, act: RevisionAct | ApplicationAct, role: Role) -> bool:
    """Whether a page should offer the act."""
    if isinstance(act, RevisionAct):
        return (state, act, role) in REVISIONS
    return (state, act, role) in APPLICATIONS
