"""What members of teams are told, by kind (S15, S45)."""

from dataclasses import dataclass
from typing import ClassVar

from varco.accounts.models import User
from varco.mail.notifications import Notification
from varco.registry.models import Application, Sandbox, Team


@dataclass(frozen=True)
class TeamInvited(Notification):
    """To an address: the link to join a team in a role, good once and for `days` days."""

    code: ClassVar[str] = "team_invited"
    secret: str
    days: int
    team: Team
    team_role: str
    by: User


@dataclass(frozen=True)
class TeamJoined(Notification):
    """To the owners of a team: somebody accepted an invitation."""

    code: ClassVar[str] = "team_joined"
    team: Team
    person: User
    team_role: str


@dataclass(frozen=True)
class TeamRoleChanged(Notification):
    """To a member: another member, or an operator, gave them another role; `reason` is an operator's."""

    code: ClassVar[str] = "team_role_changed"
    team: Team
    team_role: str
    by: User
    reason: str


@dataclass(frozen=True)
class TeamMemberRemoved(Notification):
    """To whoever is no member of a team any more, because an owner removed them."""

    code: ClassVar[str] = "team_member_removed"
    team: Team
    by: User


@dataclass(frozen=True)
class TeamMemberLeft(Notification):
    """To the owners of a team: somebody is no member any more, by themselves or by `by`."""

    code: ClassVar[str] = "team_member_left"
    team: Team
    person: User
    by: User


@dataclass(frozen=True)
class TransferOffered(Notification):
    """To the owners of a team: they may accept an application of another team within `days` days."""

    code: ClassVar[str] = "transfer_offered"
    team: Team
    application: Application
    days: int
    by: User


@dataclass(frozen=True)
class TransferAccepted(Notification):
    """To the owners of both teams: the application is of another team now."""

    code: ClassVar[str] = "transfer_accepted"
    team: Team
    application: Application
    team_before: str
    by: User


@dataclass(frozen=True)
class TransferDeclined(Notification):
    """To the owners of the team that offered an application: the other team does not take it."""

    code: ClassVar[str] = "transfer_declined"
    team: Team
    application: Application
    by: User


@dataclass(frozen=True)
class SandboxUnused(Notification):
    """To whoever works in a team: nobody has used a sandbox for `quiet` days; it goes in `days` unless somebody does."""

    code: ClassVar[str] = "sandbox_unused"
    sandbox: Sandbox
    quiet: int
    days: int


@dataclass(frozen=True)
class SandboxRemoved(Notification):
    """To the same: it is gone, as nobody has used it for `quiet` days."""

    code: ClassVar[str] = "sandbox_removed"
    name: str
    team: Team
    quiet: int
