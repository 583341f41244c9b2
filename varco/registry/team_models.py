"""Teams: who owns applications together (S15, S45). Times are epoch seconds."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.validators import ReadableText


def new_team_id() -> str:
    """A new public team id."""
    return f"team-{secrets.token_hex(8)}"


class Team(models.Model):
    """Developers who own applications together. Its id is told to whoever shall hand an application over to it."""

    public_id = models.CharField(max_length=40, unique=True, default=new_team_id)
    name = models.CharField(max_length=80, validators=[ReadableText()])
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class TeamMember(models.Model):
    """That a developer belongs to a team, as what. Without the Developer role it opens nothing."""

    class Role(models.TextChoices):
        """What a member may do with the team's applications; `registry.lifecycle.TeamRole` has the same words."""

        OWNER = "owner", _("Owner")
        MAINTAINER = "maintainer", _("Maintainer")
        VIEWER = "viewer", _("Viewer")

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="members")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="team_memberships")
    role = models.CharField(max_length=10, choices=Role.choices)
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "user"], name="team_member_once"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.team}"


class TeamInvitation(models.Model):
    """That somebody may join a team by a link sent to their address; the link's secret stands here as a hash alone.

    One a team and address: whoever is invited again gets another link. Gone once it was used or taken back.
    """

    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField(max_length=254)
    role = models.CharField(max_length=10, choices=TeamMember.Role.choices)
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.BigIntegerField()
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["team", "email"], name="team_invitation_once"),
        ]

    def __str__(self) -> str:
        return f"{self.email} to {self.team}"


class Transfer(models.Model):
    """That a team is offered an application of another; gone once it was answered, taken back or too old. One an application."""

    application = models.OneToOneField("registry.Application", on_delete=models.CASCADE, related_name="transfer")
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="offers")  # that is to have it
    offered_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.BigIntegerField()
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.application} to {self.team}"
