"""Where django-allauth asks what Varco wants: who may sign in, where links lead, how secrets are kept."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import segno
from allauth.account import app_settings as account_settings
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.utils import get_next_redirect_url
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varco import clock
from varco.accounts import queries as accounts
from varco.accounts.addresses import canonical
from varco.accounts.models import User
from varco.audit.services import record
from varco.audit.tags import Tag
from varco.grants import session_end
from varco.network import plain
from varco.people.second_factor import demanding_role
from varco.portal import middleware
from varco.portal.account import known_devices, limits, passwords, sealed_factors, unfinished_sign_in
from varco.portal.common import attempts, sign_in


class _WrongPasswordError(Exception):
    """The e-mail address and the password do not go together."""


class AccountAdapter(DefaultAccountAdapter):
    """Accounts: redirects to this server only, mail in the language of who reads it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This e-mail address and password do not go together. Check both; capital letters matter in the password."
        ),
        "incorrect_password": _("This is not your password."),
        "enter_current_password": _("This is not your current password."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:  # noqa: ARG002
        """Nobody registers on allauth's page: ours stands at its address (`registration`)."""
        return False

    def clean_email(self, email: str) -> str:
        """An address in the form in which accounts are kept."""
        return canonical(email)

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address that rate limits count by: the server has unwound the trusted proxies, no header is believed."""
        return plain(str(request.META["REMOTE_ADDR"]))

    def is_safe_url(self, url: str | None) -> bool:
        """Whether `next` may be followed: a path of this server, or its full address."""
        issuer = urlsplit(settings.VARCO.issuer).netloc
        return url_has_allowed_host_and_scheme(url, allowed_hosts={issuer}, require_https=settings.VARCO.https)

    def send_mail(self, template_prefix: str, email: str, facts: dict[str, Any]) -> None:
        """Write the mail in the language of the account it goes to."""
        owner = accounts.by_email(email)
        with translation.override(owner.language if owner else translation.get_language()):
            super().send_mail(
                template_prefix, email, facts | {"vendor": settings.VARCO.vendor, "issuer": settings.VARCO.issuer}
            )

    def send_notification_mail(self, template_prefix: str, user: User, *args: Any, **kwargs: Any) -> None:
        """Tell somebody of a change to their account; that of the address has a mail of ours, with the way back (`people.addresses`)."""
        if template_prefix != "account/email/email_changed":
            super().send_notification_mail(template_prefix, user, *args, **kwargs)

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """Who the e-mail address and password are of, None if of nobody, within the limits of failures.

        Raises `ValidationError` where there were too many.
        """
        limited = limits.of_password(request, str(credentials.get("email", "")))

        def prove() -> User:
            user = super(AccountAdapter, self).authenticate(request, **credentials)
            if not isinstance(user, User):
                raise _WrongPasswordError
            return user

        try:
            with limits.as_validation_error():
                return attempts.judge(limited, prove, wrong=_WrongPasswordError)
        except _WrongPasswordError:
            return None

    def is_reauthentication_required(self, *, app: str, **kwargs: Any) -> bool:
        """Whether the password or a code is asked again; the sign-in of a moment ago counts as one."""
        signed_in_ms = sign_in.at_ms(context.request)
        fresh = clock.now_ms() - signed_in_ms < account_settings.REAUTHENTICATION_TIMEOUT * 1000
        return not fresh and super().is_reauthentication_required(app=app, **kwargs)

    def _delete_login_attempts_cached_email(self, request: HttpRequest, **credentials: Any) -> None:
        """Forget an account's failures, where allauth does: after a password was set by a link."""
        limits.new_password(request, str(credentials.get("email", "")))

    def set_password(self, user: User, password: str) -> None:
        """Set a password, and record that in the same transaction; every page that sets one comes through here.

        No session but the one in which it was set outlives the old password.
        """
        request = context.request
        origin = replace(middleware.origin(request), actor=user)
        with transaction.atomic():
            super().set_password(user, password)
            sign_in.end_others(request, user)
            record(Tag.ACCOUNT_PASSWORD_CHANGED, origin, user=user)
            session_end.sessions_over(user, origin, kept=sign_in.sid(request) if request.user == user else "")
        # Whoever comes by a link has proven no more than that, but is not to be kept from signing in with what they just set.
        known_devices.note(request, user, full=request.user == user)

    def pre_login(self, request: HttpRequest, user: User, **facts: Any) -> HttpResponse | None:
        """Bind the sign-in to what it was begun with, before anything waits for a second step."""
        unfinished_sign_in.bind(request, user)
        response: HttpResponse | None = super().pre_login(request, user, **facts)
        return response

    def login(self, request: HttpRequest, user: User) -> None:
        """Make the session, unless what ended the sessions of this person came between.

        The account's row is locked, so that the other waits for this session to end it or is seen here.
        Raises `ImmediateHttpResponse`, to the sign-in page.
        """
        tried = limits.before_sign_in(request, user)
        with transaction.atomic():
            bound = unfinished_sign_in.is_bound(request, accounts.locked(user))
            if bound:
                super().login(request, user)
        if not bound:
            raise ImmediateHttpResponse(unfinished_sign_in.start_again(request, get_next_redirect_url(request)))
        unfinished_sign_in.forget(request)
        attempts.forget(tried)
        known_devices.note(request, user, full=True)

    def logout(self, request: HttpRequest) -> None:
        """Sign out, which the applications used in this session are to be told; every way out of a session comes through here."""
        with transaction.atomic():
            if isinstance(request.user, User):
                sign_in.hold(request)  # before it is asked what was given in it
                session_end.session_over(request.user, sign_in.sid(request), middleware.origin(request))
            super().logout(request)


class SessionsAdapter(DefaultUserSessionsAdapter):
    """Sessions: what ends them tells the applications."""

    def end_sessions(self, sessions: list[UserSession]) -> None:
        """End all the sessions of a person but this browser's, which is the one thing the page of sessions asks for."""
        request = context.request
        origin = middleware.origin(request)
        with transaction.atomic():
            super().end_sessions(sessions)
            record(Tag.ACCOUNT_SESSIONS_ENDED, origin, user=request.user, sessions=len(sessions))
            session_end.sessions_over(request.user, origin, kept=sign_in.sid(request))


class MFAAdapter(DefaultMFAAdapter):
    """Second factors: their secrets are sealed, and the last one stays while the password is short or the role demands one."""

    error_messages = DefaultMFAAdapter.error_messages | {
        "cannot_delete_authenticator": _(
            "Your password is shorter than 15 characters, which is enough only with two-step sign-in. "
            "Choose a longer password first, then remove this."
        ),
        "demanded_authenticator": _(
            "Your role demands two-step sign-in, and this is your only way to it. Set another one up first, then remove this."
        ),
        "incorrect_code": _("This code is not right. Codes change every 30 seconds: use the one shown now."),
        "incorrect_passkey": _("This passkey does not fit this account. Try again, or choose another way."),
    }

    def get_totp_issuer(self) -> str:
        """The name an authenticator app shows."""
        return f"Varco · {settings.VARCO.vendor}"

    def build_totp_svg(self, url: str) -> str:
        """The QR code as inline SVG, black on white whatever the colour scheme, since cameras want that."""
        return str(segno.make(url, error="m").svg_inline(omitsize=True, border=3, light="#fff"))

    def encrypt(self, text: str) -> str:
        """Seal a secret for the database (S37)."""
        return sealed_factors.seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Open what `encrypt` sealed. Raises `FactorUnopenedError` for anything else."""
        return sealed_factors.opened(encrypted_text)

    def generate_authenticator_name(self, user: User, type: Authenticator.Type) -> str:  # noqa: A002 - allauth's name
        """What a new passkey is called until its owner says otherwise."""
        count = Authenticator.objects.filter(user=user, type=type).count()
        return gettext("Passkey %(number)d") % {"number": count + 1}

    def can_delete_authenticator(self, authenticator: Authenticator) -> bool:
        """Whether a factor may go: not the last one of somebody whose password counts on it, or whose role demands one."""
        user = authenticator.user
        others = Authenticator.objects.filter(user=user, type__in=passwords.FACTORS).exclude(pk=authenticator.pk)
        return others.exists() or not (user.password_is_short or demanding_role(user))

    def validation_error(self, code: str, *args: Any) -> Any:
        """The words of a fault; that the last factor stays, in those of its reason."""
        user = getattr(context.request, "user", None)
        if code == "cannot_delete_authenticator" and isinstance(user, User) and demanding_role(user):
            code = "demanded_authenticator"
        return super().validation_error(code, *args)
