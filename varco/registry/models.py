"""Applications, their revisions, secrets and limits (S10 to S19).

An `Application` is the client of RFC 6749; a `Revision` is its metadata (RFC 7591 §2) at one time. Runtime checks read
`live_revision` alone. Times are epoch seconds.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.registry.contact_models import ContactCheck
from varco.registry.creation_models import CreationKey
from varco.registry.overlap_models import SecretOverlap
from varco.registry.review_models import Remark, Review, ReviewMessage, RevisionHost
from varco.registry.sandbox_models import Sandbox
from varco.registry.team_models import Team, TeamInvitation, TeamMember, Transfer
from varco.scheduled import Scheduled
from varco.validators import ReadableText

__all__ = [
    "AllowedTenant",
    "Application",
    "BlockedApplication",
    "ContactCheck",
    "CreationKey",
    "Logo",
    "Remark",
    "Review",
    "ReviewMessage",
    "Revision",
    "RevisionHost",
    "Sandbox",
    "Secret",
    "SecretOverlap",
    "Team",
    "TeamInvitation",
    "TeamMember",
    "Transfer",
]


class Application(models.Model):
    """An OAuth client. Everything reviewed stands in its revisions; `live_revision` is what runs (S13).

    `team` and `owner` are read by `registry.access` alone.
    """

    class State(models.TextChoices):
        """Whether it may be used at all; `registry.lifecycle` holds the moves between them."""

        PENDING = "pending", _("Not approved yet")
        ACTIVE = "active", _("In force")
        SUSPENDED = "suspended", _("Suspended")
        RETIRED = "retired", _("Retired")

    # `client_id` (RFC 6749 §2.2); null until the first approval (S12). Characters [A-Za-z0-9._-] only.
    client_id = models.CharField(max_length=60, unique=True, null=True, blank=True, default=None)
    state = models.CharField(max_length=10, choices=State.choices, default=State.PENDING)
    # Counts every change that a running check must notice (live revision, state, secrets, PKCE): the gate keeps the
    # client it read and lets each statement prove that this number still stands.
    version = models.BigIntegerField(default=1)
    live_revision = models.ForeignKey(
        "Revision", null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="+"
    )
    # null: registered by the last release while this one was being installed; the sweep gives it its owner's team.
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, related_name="applications")
    # The owner of the team who answers for it: who registered it or took it over, or whoever the team has since.
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="applications")
    name = models.CharField(max_length=80, validators=[ReadableText()])
    # What all names have in common that read like this one (`varco.lookalike.key`); empty: not known yet.
    name_key = models.CharField(max_length=400, blank=True, default="", db_default="")
    # `registry.placing`: the environment of what is in force, or of the last revision where nothing is; and whether what is in
    # force or waits had blockers or changes of high risk when it was submitted.
    environment = models.CharField(max_length=12, blank=True, default="", db_default="")
    high_risk = models.BooleanField(default=False, db_default=False)
    # In English, or in whatever was given.
    description = models.TextField(max_length=2000, blank=True, default="", validators=[ReadableText(lines=True)])
    description_it = models.TextField(
        max_length=2000, blank=True, default="", db_default="", validators=[ReadableText(lines=True)]
    )
    publisher = models.CharField(max_length=120, blank=True, default="", validators=[ReadableText()])
    # Groups the several registrations of one product in its developer's list (S14); nothing else depends on it.
    product = models.CharField(max_length=80, blank=True, default="", validators=[ReadableText()])
    contacts = models.JSONField(default=list, blank=True)  # e-mail addresses
    # SHA-256 (hexadecimal) of the image that is shown, which stands in `Logo`; empty: none.
    logo = models.CharField(max_length=64, blank=True, default="", db_default="")
    home_url = models.CharField(max_length=500, blank=True, default="")
    privacy_url = models.CharField(max_length=500, blank=True, default="")
    # When name or publisher last changed without a review since; null: both are as an operator approved them.
    renamed_at = models.BigIntegerField(null=True, blank=True, default=None)
    # When operators are told, or were last told, that it was renamed or has another logo (`services.telling`).
    rename_told_at = models.BigIntegerField(default=0, db_default=0)
    logo_told_at = models.BigIntegerField(default=0, db_default=0)
    # An administrator's exception for a legacy confidential client; public clients need PKCE whatever this says.
    pkce_required = models.BooleanField(default=True)
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What the database itself keeps."""

        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["name", "id"], name="application_by_name"),
            # With all that words are looked for in, so that a search does not read whole rows, however it is narrowed.
            models.Index(
                fields=["publisher", "name", "client_id", "owner", "state", "environment", "id"],
                name="application_words",
            ),
            models.Index(fields=["name_key", "id"], name="application_by_name_key"),
            models.Index(
                fields=["state", "name", "id", "environment", "publisher", "client_id", "owner"],
                name="application_by_state",
            ),
            models.Index(
                fields=["environment", "name", "id", "state", "publisher", "client_id", "owner"],
                name="application_by_environment",
            ),
            models.Index(fields=["name", "id"], condition=models.Q(high_risk=True), name="application_of_high_risk"),
        ]

    def __str__(self) -> str:
        return self.name


class Logo(models.Model):
    """The image of an application, as it is handed out: drawn anew by us (`registry.logo`)."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, db_index=True)  # SHA-256 of the image, hexadecimal
    png = models.BinaryField()

    def __str__(self) -> str:
        return f"Logo of {self.application}"


class Revision(models.Model):
    """The metadata of a client as it was asked for once (RFC 7591 §2). Once submitted, it is never changed again."""

    class State(models.TextChoices):
        """Where the review stands; `registry.lifecycle` holds the moves between them."""

        DRAFT = "draft", _("Draft")
        SUBMITTED = "submitted", _("Waiting for review")
        CHANGES_REQUESTED = "changes_requested", _("Changes requested")
        REJECTED = "rejected", _("Rejected")
        WITHDRAWN = "withdrawn", _("Withdrawn")
        APPROVED = "approved", _("Approved")

    class Type(models.TextChoices):
        """What kind of software it is; decides whether it can keep a secret (RFC 6749 §2.1)."""

        WEB = "web", _("Web application")
        SPA = "spa", _("Single-page application")
        NATIVE = "native", _("Native application")
        DEVICE = "device", _("Daemon or device without a screen")

    class Environment(models.TextChoices):
        """What the registration is for (S14)."""

        PRODUCTION = "production", _("Production")
        STAGING = "staging", _("Staging")
        DEVELOPMENT = "development", _("Development")

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="revisions")
    number = models.PositiveIntegerField()
    state = models.CharField(max_length=20, choices=State.choices, default=State.DRAFT)
    type = models.CharField(max_length=10, choices=Type.choices)
    environment = models.CharField(max_length=12, choices=Environment.choices, default=Environment.PRODUCTION)
    # An agent or a batch job: no person watches while it works for them. People read it before they agree, and in each record of what it did.
    acts_by_itself = models.BooleanField(default=False, db_default=False)
    grant_types = models.JSONField(default=list)  # authorization_code, refresh_token, urn:…:device_code
    redirect_uris = models.JSONField(default=list)
    post_logout_redirect_uris = models.JSONField(default=list, blank=True)
    scopes = models.JSONField(
        default=list
    )  # [{"name": …, "reason": …, "reason_it": …, "required": bool}], in the order shown at consent
    claims = models.JSONField(default=list, blank=True)  # claim groups of the catalogue: profile, email, tenant
    profile = models.CharField(max_length=10, blank=True, default="")  # "" or fapi2
    token_endpoint_auth_method = models.CharField(max_length=30, default="client_secret_basic")
    id_token_alg = models.CharField(max_length=10, default="RS256")
    userinfo_alg = models.CharField(
        max_length=10, blank=True, default="", db_default=""
    )  # of UserInfo as a JWT; empty: as plain JSON
    jwks = models.JSONField(null=True, blank=True, default=None)  # public keys by value (RFC 7517)
    jwks_uri = models.CharField(max_length=500, blank=True, default="")
    token_endpoint_audience = models.BooleanField(
        default=False, db_default=False
    )  # of client assertions, beside the issuer
    # Why it cannot use PKCE and sends `nonce` instead (RFC 9700 §2.1.1); empty: it uses PKCE.
    pkce_exception = models.CharField(
        max_length=500, blank=True, default="", db_default="", validators=[ReadableText(lines=True)]
    )
    backchannel_logout_uri = models.CharField(max_length=500, blank=True, default="")
    created_at = models.BigIntegerField(default=clock.now)
    submitted_at = models.BigIntegerField(null=True, blank=True, default=None)
    # Blockers and changes of high risk when it was submitted, for lists; null: never submitted, or by a version that did not count.
    high_risks = models.PositiveSmallIntegerField(null=True, blank=True, default=None)
    decided_at = models.BigIntegerField(null=True, blank=True, default=None)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, default=None, on_delete=models.PROTECT, related_name="+"
    )
    # Works in the sandboxes of its team alone: a policy approved it, and no person read it (S44).
    sandboxes_only = models.BooleanField(default=False, db_default=False)
    decision_codes = models.JSONField(default=list, blank=True)
    decision_text = models.TextField(max_length=4000, blank=True, default="", validators=[ReadableText(lines=True)])

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "number"], name="revision_number_once"),
            # One open revision at a time: two drafts would leave it unclear which one a decision meant.
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(state__in=["draft", "submitted"]),
                name="revision_one_open",
            ),
        ]
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["state", "submitted_at"], name="revision_queue"),
            # By it an engine knows how few wait, whoever reviews them.
            models.Index(fields=["submitted_at", "id"], condition=models.Q(state="submitted"), name="revision_waiting"),
            models.Index(fields=["application", "state", "decided_at"], name="revision_of_application"),
        ]

    def __str__(self) -> str:
        return f"{self.application} #{self.number}"


class Secret(Scheduled):
    """A `client_secret`, kept as the SHA-256 of 256 random bits, so a slow hash would add nothing (S12).

    `due_at` is when its developers are next warned of its end.
    """

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="secrets")
    label = models.CharField(max_length=60, validators=[ReadableText()])
    digest = models.CharField(max_length=64, unique=True)  # SHA-256, hexadecimal
    hint = models.CharField(max_length=8)  # the last characters, to tell one from another
    created_at = models.BigIntegerField(default=clock.now)
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    expires_at = models.BigIntegerField(null=True, blank=True, default=None)
    revoked_at = models.BigIntegerField(null=True, blank=True, default=None)
    last_used_at = models.BigIntegerField(null=True, blank=True, default=None)
    # The network it was last used from, an IPv4 /24 or an IPv6 /64; empty: not known.
    last_used_from = models.CharField(max_length=43, blank=True, default="", db_default="")
    # The last warning given, in days before the end; 0: none yet.
    warned_days = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        """What the database itself keeps."""

        indexes: ClassVar[list[models.Index]] = [models.Index(fields=["due_at", "id"], name="secret_due")]

    def __str__(self) -> str:
        return f"{self.label} …{self.hint}"


class AllowedTenant(models.Model):
    """A tenant that an application is limited to: with any such row, only the tenants named may use it (S19)."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="allowed_tenants")
    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="+")
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["application", "tenant"], name="allowed_tenant_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application} for {self.tenant}"


class BlockedApplication(models.Model):
    """The block of an application for one tenant's people, by its manager (S19, S21)."""

    tenant = models.ForeignKey("tenants.Tenant", on_delete=models.CASCADE, related_name="blocked_applications")
    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="blocked_by")
    reason = models.CharField(max_length=500, blank=True, default="", validators=[ReadableText(lines=True)])
    # null: by nobody, because no manager confirmed in time that it may still be used (S40)
    blocked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.BigIntegerField(default=clock.now)

    class Meta:
        """What the database itself keeps."""

        constraints: ClassVar[list[models.BaseConstraint]] = [
            models.UniqueConstraint(fields=["tenant", "application"], name="blocked_application_once"),
        ]

    def __str__(self) -> str:
        return f"{self.application} blocked at {self.tenant}"
