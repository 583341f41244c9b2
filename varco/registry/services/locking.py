"""Locking an application: its row read again, the side of the actor, the moves of the lifecycle."""

from dataclasses import dataclass, replace

from django.db.models import F

from varco import clock
from varco.accounts.models import User
from varco.accounts.queries import read_again
from varco.audit.services import Origin
from varco.registry import lifecycle
from varco.registry.access import standing_of
from varco.registry.errors import Conflict, Denied
from varco.registry.fault_codes import ConflictFault
from varco.registry.lifecycle import ApplicationAct, RevisionAct, Role, TeamRole
from varco.registry.models import Application, Revision
from varco.registry.registration import stamp as stamp_of


@dataclass(slots=True)
class Locked:
    """An application whose row this transaction holds, so that no other act comes between reading and writing."""

    application: Application
    role: Role
    actor: User
    team_role: TeamRole | None = None

    def latest(self) -> Revision | None:
        """The last revision begun, whatever became of it."""
        return self.application.revisions.order_by("-number").first()

    def check_stamp(self, stamp: str, revision: Revision | None) -> None:
        """Raise `Conflict` if the person acted on something else than what stands now; an empty stamp is not checked."""
        if stamp and stamp != stamp_of(self.application, revision):
            raise Conflict(ConflictFault.STALE)

    def move(self, act: ApplicationAct) -> str:
        """State of the application after an act. Raises `Conflict`, and `Denied` for what a maintainer may not do."""
        if self.role == Role.DEVELOPER and not lifecycle.team_may(act, self.team_role):
            raise Denied
        try:
            return lifecycle.application_after(self.application.state, act, self.role)
        except lifecycle.NotPossible:
            raise Conflict(ConflictFault.APPLICATION_STATE, state=self.application.state) from None

    def move_revision(self, revision: Revision, act: RevisionAct) -> str:
        """State of a revision after an act. Raises `Conflict`."""
        try:
            return lifecycle.revision_after(revision.state, act, self.role)
        except lifecycle.NotPossible:
            raise Conflict(ConflictFault.REVISION_STATE, state=revision.state) from None

    def save(self, *changed: str, gate: bool) -> None:
        """Write the named fields; `gate` says that a running check depends on them, so that `version` must move."""
        self.application.updated_at = clock.now()
        self.application.save(update_fields=[*changed, "updated_at"])
        if gate:
            Application.objects.filter(pk=self.application.pk).update(version=F("version") + 1)
        self.application.refresh_from_db()


def as_policy(locked: Locked) -> Locked:
    """The same hold on the application, for the vendor's policy to decide with; the actor is who caused it."""
    return replace(locked, role=Role.POLICY)


def lock(application: Application, origin: Origin, *, side: Role | None = None) -> Locked:
    """Take the application's row until the transaction ends (on SQLite, the whole database is locked).

    Raises `Denied` for an actor without a part in it, or not on the named `side`, and for a team's viewer, who acts on nothing.
    """
    # `no_key`: PostgreSQL looks a foreign key up again, sharing the row's key, when a transaction writes a row of its own a
    # second time; a worker that acts on a secret does so, and would wait for us while we wait for its row.
    fresh = Application.objects.select_for_update(no_key=True).filter(pk=application.pk).first()
    actor = read_again(origin.actor)
    role, team_role = standing_of(actor, fresh) if fresh else (None, None)
    if fresh is None or actor is None or role is None or (side is not None and role != side):
        raise Denied
    if team_role == TeamRole.VIEWER:
        raise Denied
    return Locked(fresh, role, actor, team_role)
