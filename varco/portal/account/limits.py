"""Limits of failed proofs at sign-in (docs/operations.md): by account and neighbourhood, by account, by place; and for known devices.

A browser that is known for the account is counted by itself alone, so that no stranger keeps a person out of it. Whether
somebody has the address that was typed changes nothing that can be seen.
"""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import ngettext

from varco.accounts import queries as accounts
from varco.accounts.addresses import canonical
from varco.accounts.models import User
from varco.network import client_network, neighbourhood
from varco.portal.account import known_devices
from varco.portal.common import attempts
from varco.portal.common.attempts import Limit, Limits, TooManyFailuresError
from varco.portal.errors import too_many

T = TypeVar("T")
_DAY, _LONGEST = 86_400, 900
OF_ONE_DEVICE = Limit(5, _DAY, first=15, longest=_LONGEST)
"""Failures of one account at one known device, or in one neighbourhood."""
OF_ONE_ACCOUNT = Limit(20, _DAY, first=15, longest=_LONGEST)
"""Failures of one account at all unknown devices together: in the long run some hundred a day, from however many addresses."""
FROM_ONE_PLACE = Limit(10, 60, first=10, longest=60)
FORMS = Limit(120, 60)
LINKS = Limit(3, _DAY, first=60, longest=3600)
"""Mails with a link for a new password to one address."""
LINKS_FROM_ONE_PLACE = Limit(20, 60)


def of_password(request: HttpRequest, email: str) -> dict[str, Limit]:
    """The limits of a password; the account is the address as typed, whether or not somebody has it."""
    device = known_devices.device_of(request, _account(request, email))
    return _limits(request, f"sign_in:email:{canonical(email)}", device)


def of_second_step(request: HttpRequest, user: User) -> dict[str, Limit]:
    """The limits of codes and passkeys of an account."""
    return _limits(request, f"sign_in:second:{user.pk}", known_devices.device_of(request, user, full=True))


def of_place(request: HttpRequest) -> Limits:
    """The limit of what comes from one place, whoever it is about."""
    return {f"sign_in:ip:{_place(request)}": FROM_ONE_PLACE}


def before_sign_in(request: HttpRequest, user: User) -> list[str]:
    """The keys to forget once a sign-in is complete: what failed on the way to it in this browser or neighbourhood.

    Not what others tried elsewhere, which would give them new attempts. The mails of before hold good no longer, as their
    links know when somebody last signed in.
    """
    counted = of_password(request, user.email) | of_second_step(request, user)
    near = [key for key, limit in counted.items() if limit is OF_ONE_DEVICE]
    return [*near, *_of_links(request, user.email), _links_key(user.email)]


def new_password(request: HttpRequest, email: str) -> None:
    """Forget what failed for an account, here or altogether, after a new password was set by a link."""
    attempts.forget(of_password(request, email).keys() - of_place(request).keys())


def may_send_link(request: HttpRequest, email: str) -> bool:
    """Whether a mail with a link for a new password is sent now, which counts it.

    If not, the mails of before hold good, so a stranger who asks for many keeps nobody from a new password; the page says
    the same. Raises `ImmediateHttpResponse`, the page with status 429, for one place that asks for very many.
    """
    place = {f"reset:ip:{_place(request)}": LINKS_FROM_ONE_PLACE}
    if attempts.wait(place):
        raise ImmediateHttpResponse(too_many(request))
    attempts.failed(place)
    limits = _of_links(request, email)
    if attempts.wait(limits):
        return False
    attempts.failed(limits)
    return True


def _of_links(request: HttpRequest, email: str) -> Limits:
    device = known_devices.device_of(request, _account(request, email))
    return {_links_key(email) + (f":device:{device}" if device else ""): LINKS}


def _links_key(email: str) -> str:
    return f"reset:email:{canonical(email)}"


@contextmanager
def as_validation_error() -> Iterator[None]:
    """Make too many failures a fault of the form. Raises `ValidationError`."""
    try:
        yield
    except TooManyFailuresError as refusal:
        minutes = math.ceil(refusal.seconds / 60)
        text = ngettext(
            "Too many failed attempts. Try again in %(minutes)d minute, or choose a new password.",
            "Too many failed attempts. Try again in %(minutes)d minutes, or choose a new password.",
            minutes,
        )
        raise ValidationError(text, code="too_many_login_attempts", params={"minutes": minutes}) from None


def _limits(request: HttpRequest, account: str, device: str) -> dict[str, Limit]:
    if device:
        return {f"{account}:device:{device}": OF_ONE_DEVICE}
    near = neighbourhood(str(request.META["REMOTE_ADDR"]))
    return {f"{account}:near:{near}": OF_ONE_DEVICE, account: OF_ONE_ACCOUNT, **of_place(request)}


def _account(request: HttpRequest, email: str) -> User | None:
    """The account of an address, for a browser that might be known for it."""
    might = known_devices.COOKIE in request.COOKIES or request.user.is_authenticated
    return accounts.by_email(email) if might else None


def _place(request: HttpRequest) -> str:
    return client_network(str(request.META["REMOTE_ADDR"]))


class LimitedFactor:
    """Limits the wrong codes and passkeys of a form about a second factor."""

    user: User

    def clean_code(self) -> Any:
        """Check the code of an app or a recovery code."""
        return self._judged(super().clean_code)  # type: ignore[misc]

    def clean_credential(self) -> Any:
        """Check the answer of a passkey."""
        return self._judged(super().clean_credential)  # type: ignore[misc]

    def _judged(self, check: Callable[[], T]) -> T:
        with as_validation_error():
            return attempts.judge(of_second_step(context.request, self.user), check)


class LimitedPlace:
    """Limits the wrong passkeys of one place, where nobody is known yet; a signature cannot be guessed, so it is no account's."""

    def clean_credential(self) -> Any:
        """Check the answer of a passkey."""
        with as_validation_error():
            return attempts.judge(of_place(context.request), super().clean_credential)  # type: ignore[misc]


class LimitedPassword:
    """Limits the wrong passwords of a form that asks somebody signed in for the present one, where allauth does not."""

    user: User

    def clean_oldpassword(self) -> Any:
        """Check the present password."""
        with as_validation_error():
            return attempts.judge(of_password(context.request, self.user.email), super().clean_oldpassword)  # type: ignore[misc]


class LimitedForms:
    """Limits how many sign-in forms with a fault come from one place or known device, whatever the fault is."""

    request: HttpRequest
    cleaned_data: dict[str, Any]

    def clean(self) -> Any:
        """Check the form. Raises `ImmediateHttpResponse`, the page with status 429."""
        device = known_devices.device_of(self.request, _account(self.request, str(self.cleaned_data.get("login", ""))))
        limits = {f"sign_in:forms:{device or _place(self.request)}": FORMS}
        if attempts.wait(limits):
            raise ImmediateHttpResponse(too_many(self.request))
        try:
            cleaned = super().clean()  # type: ignore[misc]
        except ValidationError:
            attempts.failed(limits)
            raise
        if self.errors:  # type: ignore[attr-defined]
            attempts.failed(limits)
        return cleaned
