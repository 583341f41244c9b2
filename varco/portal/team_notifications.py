"""Words of what members of teams are told: the pages that each kind leads to, and the role by its name."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse

from varco.registry.models import TeamMember
from varco.registry.team_notifications import (
    SandboxRemoved,
    SandboxUnused,
    TeamInvited,
    TeamJoined,
    TeamMemberLeft,
    TeamMemberRemoved,
    TeamRoleChanged,
    TransferAccepted,
    TransferDeclined,
    TransferOffered,
)


def _team(notification: Any) -> str:
    return reverse("teams:team", args=[notification.team.public_id])


def _teams(_notification: Any) -> str:
    return reverse("teams:list")


def _application(notification: Any) -> str:
    return reverse("developer:client", args=[notification.application.pk])


def _joining(notification: Any) -> str:
    return f"{reverse('teams:join')}?{urlencode({'token': notification.secret})}"


def _sandbox(notification: Any) -> str:
    return reverse("sandboxes:sandbox", args=[notification.sandbox.tenant.public_id])


def _sandboxes(_notification: Any) -> str:
    return reverse("sandboxes:list")


PAGES: Mapping[str, Callable[[Any], str]] = {
    TeamInvited.code: _joining,
    TeamJoined.code: _team,
    TeamRoleChanged.code: _team,
    TeamMemberRemoved.code: _teams,
    TeamMemberLeft.code: _team,
    TransferOffered.code: _team,
    TransferAccepted.code: _application,
    TransferDeclined.code: _application,
    SandboxUnused.code: _sandbox,
    SandboxRemoved.code: _sandboxes,
}


def words(given: Mapping[str, Any]) -> dict[str, Any]:
    """The role that a notification names."""
    role = given.get("team_role")
    return {"team_role_words": TeamMember.Role(role).label if role else ""}
