"""Why a reviewer sends a registration back, as codes: statistics count them, mails and pages spell them out."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Reason(models.TextChoices):
    """The usual reasons; the reviewer's own words always come with them."""

    REDIRECT_URI = "redirect_uri", _("A redirect URI is wrong or not under the publisher's control")
    MIXED_ENVIRONMENTS = "mixed_environments", _("Production and other environments need separate registrations")
    SCOPE_TOO_WIDE = "scope_too_wide", _("A scope is not needed for what the application does")
    SCOPE_REASON = "scope_reason", _("The reason for a scope is missing or unclear")
    NAME = "name", _("The name or description is misleading or unclear")
    PUBLISHER = "publisher", _("We could not tell who publishes the application")
    PRIVACY = "privacy", _("The privacy policy is missing or does not cover this use")
    SECURITY = "security", _("The way the application authenticates is not safe enough")
    OTHER = "other", _("Another reason, explained below")
