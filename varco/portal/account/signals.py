"""What sign-in and the account pages leave in the audit (S36)."""

from typing import Any

from allauth.account import signals as account
from allauth.account.models import EmailAddress
from allauth.core import context
from allauth.mfa import signals as second_step
from allauth.mfa.models import Authenticator
from django.contrib.auth import signals as sign_in
from django.db.models.signals import post_delete, post_save
from django.http import HttpRequest

from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.integrators import services as integrators
from varco.people import addresses
from varco.people.second_factor import FACTORS
from varco.portal import middleware
from varco.portal.common.sign_in import factor_added


def connect() -> None:
    """Connect every receiver; called once, when the app is ready."""
    sign_in.user_logged_in.connect(signed_in, dispatch_uid="varco.signed_in")
    sign_in.user_logged_out.connect(signed_out, dispatch_uid="varco.signed_out")
    sign_in.user_login_failed.connect(sign_in_failed, dispatch_uid="varco.sign_in_failed")
    account.email_changed.connect(email_changed, dispatch_uid="varco.email_changed")
    second_step.authentication_failed.connect(second_step_failed, dispatch_uid="varco.second_step_failed")
    # The rows themselves, not allauth's signals, which come after the transaction.
    post_save.connect(factor_saved, sender=Authenticator, dispatch_uid="varco.factor_saved")
    post_delete.connect(factor_removed, sender=Authenticator, dispatch_uid="varco.factor_removed")


def _origin(request: HttpRequest | None, user: User | None = None) -> Origin:
    found = middleware.origin(request) if request is not None else Origin()
    return Origin(actor=user or found.actor, ip=found.ip, request_id=found.request_id)


def signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Somebody signed in.

    The session is saved at once: until the answer its row would be empty, and allauth, which looks at all of a person's
    sessions when they sign in elsewhere, would take it off their list.
    """
    if request is not None:
        request.session.save()
    record(Tag.ACCOUNT_SIGNED_IN, _origin(request, user), user=user)


def signed_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Somebody signed out."""
    if user is not None:
        record(Tag.ACCOUNT_SIGNED_OUT, _origin(request, user), user=user)


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Wrong password, or no such account. What was typed is not kept: people type passwords into the wrong field."""
    user = accounts.by_email(str(credentials.get("email") or ""))
    record(Tag.ACCOUNT_SIGN_IN_FAILED, _origin(request), user=user, step="password")


def second_step_failed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    """A wrong code at the second step."""
    record(Tag.ACCOUNT_SIGN_IN_FAILED, _origin(request), user=user, step=str(authenticator.type))


def email_changed(
    request: HttpRequest,
    user: User,
    to_email_address: EmailAddress,
    from_email_address: EmailAddress | None = None,
    **_: Any,
) -> None:
    """The account's e-mail address is another one now."""
    if from_email_address is None:
        record(Tag.ACCOUNT_EMAIL_CHANGED, _origin(request, user), user=user, to=to_email_address.email)
        return
    owner = accounts.read_again(user)
    if owner is not None:
        agent = request.headers.get("User-Agent", "")[:200]
        addresses.changed(owner, from_email_address.email, _origin(request, owner), user_agent=agent)


def factor_saved(instance: Authenticator, *, created: bool, **_: Any) -> None:
    """A second factor was set up, or new recovery codes were made."""
    if created:
        _record_factor(Tag.ACCOUNT_FACTOR_ADDED, instance)
        request = context.request
        if request is not None and request.user == instance.user and instance.type in FACTORS:
            factor_added(request, instance.user)
        integrators.follow_factors(instance.user, _origin(request))


def factor_removed(instance: Authenticator, **_: Any) -> None:
    """A second factor was removed."""
    _record_factor(Tag.ACCOUNT_FACTOR_REMOVED, instance)
    integrators.follow_factors(instance.user, _origin(context.request))


def _record_factor(tag: Tag, authenticator: Authenticator) -> None:
    if context.request is not None:  # what a command does it records itself, with who ran it
        record(tag, _origin(context.request), user=authenticator.user, factor=str(authenticator.type))
