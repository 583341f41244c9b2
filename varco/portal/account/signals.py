"""What sign-in leaves in the audit (S36)."""

from typing import Any

from allauth.account import signals as allauth_signals
from django.contrib.auth import signals as django_signals
from django.http import HttpRequest

from varco.accounts.models import User
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.portal import middleware


def connect() -> None:
    """Connect every receiver; called once, when the app is ready."""
    django_signals.user_logged_in.connect(signed_in, dispatch_uid="varco.signed_in")
    django_signals.user_logged_out.connect(signed_out, dispatch_uid="varco.signed_out")
    django_signals.user_login_failed.connect(sign_in_failed, dispatch_uid="varco.sign_in_failed")
    for signal in (allauth_signals.password_changed, allauth_signals.password_reset, allauth_signals.password_set):
        signal.connect(password_changed, dispatch_uid=f"varco.password_changed.{id(signal)}")


def _origin(request: HttpRequest | None, user: User | None = None) -> Origin:
    found = middleware.origin(request) if request is not None else Origin()
    return Origin(actor=user or found.actor, ip=found.ip, request_id=found.request_id)


def signed_in(request: HttpRequest | None, user: User, **_: Any) -> None:
    """Somebody signed in."""
    record(Tag.ACCOUNT_SIGNED_IN, _origin(request, user), user=user)


def signed_out(request: HttpRequest | None, user: User | None, **_: Any) -> None:
    """Somebody signed out."""
    if user is not None:
        record(Tag.ACCOUNT_SIGNED_OUT, _origin(request, user), user=user)


def sign_in_failed(credentials: dict[str, Any], request: HttpRequest | None = None, **_: Any) -> None:
    """Wrong password, or no such account: the address is kept only when it is one of ours, else it may be a password."""
    email = str(credentials.get("email") or credentials.get("username") or "").strip().lower()
    user = User.objects.filter(email=email).first()
    record(Tag.ACCOUNT_SIGN_IN_FAILED, _origin(request), user=user)


def password_changed(request: HttpRequest, user: User, **_: Any) -> None:
    """A password was changed, reset or set."""
    record(Tag.ACCOUNT_PASSWORD_CHANGED, _origin(request, user), user=user)
