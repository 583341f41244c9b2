"""Tickets, what was said in them, their attachments, and the Developer role as clinics asked for it."""

import secrets
from typing import ClassVar

from django.conf import settings
from django.db import models

from varco import clock
from varco.validators import ReadableText

_LEAST_NUMBER = 10_000_000


def new_number() -> int:
    """A number of eight digits: random, so that it tells nothing about how many tickets there are, and is hard to guess."""
    return _LEAST_NUMBER + secrets.randbelow(9 * _LEAST_NUMBER)


class Ticket(models.Model):
    """One request to the vendor. What it asks for stands in `details`, by the fields of its kind."""

    class State(models.TextChoices):
        """Whose turn it is."""

        OPEN = "open", "Open"  # the vendor's people
        WAITING = "waiting", "Waiting"  # whoever asked, or who has to confirm it
        CLOSED = "closed", "Closed"

    class Outcome(models.TextChoices):
        """What became of it."""

        NONE = "", "None"
        APPROVED = "approved", "Approved"
        REFUSED = "refused", "Refused"
        SETTLED = "settled", "Settled"  # answered, or withdrawn by whoever asked

    number = models.BigIntegerField(unique=True, default=new_number, editable=False)
    kind = models.CharField(max_length=24)  # a code of `tickets.kinds`
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    outcome = models.CharField(max_length=8, blank=True, default="", choices=Outcome.choices)
    subject = models.CharField(max_length=160, validators=[ReadableText()])
    details = models.JSONField(default=dict, blank=True)
    opener = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    opener_name = models.CharField(max_length=254, blank=True, default="")
    tenant = models.ForeignKey(
        "tenants.Tenant", null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    # Whom it is about: the account where it is one, and the address under which earlier decisions are found.
    person = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    about_email = models.CharField(max_length=254, blank=True, default="")
    about_key = models.CharField(max_length=254, blank=True, default="")
    assignee = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    # A manager of the person's clinic who has proven who they are; where there is nobody, the first of two who approve.
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    confirmed_at = models.BigIntegerField(null=True, blank=True, default=None)
    first_approver = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    opened_at = models.BigIntegerField(default=clock.now)  # epoch seconds, as all of them
    turn_at = models.BigIntegerField(default=clock.now)  # since when it waits for whom it waits
    updated_at = models.BigIntegerField(default=clock.now)
    closed_at = models.BigIntegerField(null=True, blank=True, default=None)
    version = models.PositiveIntegerField(default=1)  # counts every change, so that two at once do not both decide

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "turn_at", "id"], name="ticket_turn"),
            models.Index(fields=["state", "-updated_at", "-id"], name="ticket_state"),
            models.Index(fields=["kind", "state", "turn_at", "id"], name="ticket_kind"),
            models.Index(fields=["-updated_at", "-id"], name="ticket_latest"),
            models.Index(fields=["kind", "-updated_at", "-id"], name="ticket_kind_latest"),
            models.Index(fields=["assignee", "state", "turn_at", "id"], name="ticket_assignee"),
            models.Index(fields=["opener", "-updated_at"], name="ticket_opener"),
            models.Index(fields=["person", "-updated_at"], name="ticket_person"),
            models.Index(fields=["tenant", "-updated_at"], name="ticket_tenant"),
            models.Index(fields=["about_key", "-updated_at"], name="ticket_about"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class TicketWord(models.Model):
    """A word by which a ticket is found; never one of an internal note."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="words", db_index=False)
    word = models.CharField(max_length=40)

    class Meta:
        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["ticket", "word"], name="ticket_word_once"),
        ]
        # In the order of their code points, on PostgreSQL by the migration: words that begin alike are neighbours.
        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["word", "ticket"], name="ticket_of_word")]

    def __str__(self) -> str:
        return self.word


class Entry(models.Model):
    """One thing in a thread: what somebody wrote, or what was done. Rows are only added."""

    class Sort(models.TextChoices):
        """Who reads it."""

        MESSAGE = "message", "Message"
        NOTE = "note", "Note"  # the vendor's people alone
        ACT = "act", "Act"

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="entries")
    sort = models.CharField(max_length=8, choices=Sort.choices)
    act = models.CharField(max_length=20, blank=True, default="")  # a code of `tickets.acts`
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    author_name = models.CharField(max_length=254, blank=True, default="")
    side = models.CharField(max_length=8, blank=True, default="")  # a `tickets.access.Side`; empty: the system itself
    text = models.TextField(blank=True, default="", validators=[ReadableText(lines=True)])
    detail = models.JSONField(default=dict, blank=True)
    at_ms = models.BigIntegerField(default=clock.now_ms)

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["ticket", "-at_ms", "-id"], name="entry_thread"),
            models.Index(fields=["author", "-at_ms"], name="entry_author"),
        ]

    def __str__(self) -> str:
        return f"{self.act or self.sort} in {self.ticket_id}"


class Attachment(models.Model):
    """A file of an entry. Its bytes stand in the data directory under `stored`, a random name."""

    ticket = models.ForeignKey(Ticket, on_delete=models.CASCADE, related_name="attachments")
    entry = models.ForeignKey(Entry, on_delete=models.CASCADE, related_name="attachments")
    name = models.CharField(max_length=120, validators=[ReadableText()])
    type = models.CharField(max_length=8)  # a key of `tickets.content.TYPES`
    size = models.PositiveBigIntegerField()
    sha256 = models.CharField(max_length=64)
    stored = models.CharField(max_length=64, unique=True)
    at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return self.name


class Activation(models.Model):
    """That a clinic asked for somebody's Developer role, and what became of it (S7).

    The clinic of the newest one that stands has *introduced* the developer.
    """

    class State(models.TextChoices):
        """How far it is."""

        INVITED = "invited", "Invited"  # begins when the person accepts the invitation
        ACTIVE = "active", "Active"
        ENDED = "ended", "Ended"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    tenant = models.ForeignKey(
        "tenants.Tenant", null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="+"
    )
    tenant_name = models.CharField(max_length=120, blank=True, default="")
    company = models.CharField(max_length=160, blank=True, default="", validators=[ReadableText()])
    ticket = models.OneToOneField(
        Ticket, null=True, blank=True, default=None, on_delete=models.SET_NULL, related_name="activation"
    )
    state = models.CharField(max_length=8, choices=State.choices)
    decided_by_name = models.CharField(max_length=254, blank=True, default="")
    decided_at = models.BigIntegerField(default=clock.now)
    active_at = models.BigIntegerField(null=True, blank=True, default=None)
    ended_at = models.BigIntegerField(null=True, blank=True, default=None)
    ended_by_name = models.CharField(max_length=254, blank=True, default="")
    end_reason = models.TextField(blank=True, default="", validators=[ReadableText(lines=True)])

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["user", "-id"], name="activation_of_user"),
            models.Index(fields=["state", "-id"], name="activation_state"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} {self.state}"
