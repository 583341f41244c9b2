"""Limits of failed proofs at sign-in: passwords and codes of one account, and all that comes from one place."""

from collections.abc import Callable
from typing import Any, TypeVar

from allauth.account.adapter import get_adapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from varco.accounts.models import User
from varco.network import client_network
from varco.portal.common import attempts
from varco.portal.common.attempts import Limit, Limits, TooManyFailuresError
from varco.portal.errors import too_many

T = TypeVar("T")
OF_ONE_ACCOUNT, FROM_ONE_PLACE, FORMS = Limit(5, 300), Limit(10, 60), Limit(120, 60)


def account_key(email: str) -> str:
    """The key of an account at the first step: the address as typed, whether or not somebody has it."""
    return f"sign_in:email:{email.strip().lower()}"


def of_password(request: HttpRequest, email: str) -> Limits:
    """The limits of a password."""
    return {account_key(email): OF_ONE_ACCOUNT, **of_place(request)}


def of_place(request: HttpRequest) -> Limits:
    """The limit of what comes from one place, whoever it is about."""
    return {f"sign_in:ip:{_place(request)}": FROM_ONE_PLACE}


def _factor_key(user: User) -> str:
    return f"sign_in:second:{user.pk}"


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
        key = _factor_key(self.user)
        limits = {key: OF_ONE_ACCOUNT, **of_place(context.request)}
        try:
            proven = attempts.judge(limits, check)
        except TooManyFailuresError:
            raise get_adapter().validation_error("too_many_login_attempts") from None
        attempts.forget(key)
        return proven


class LimitedPlace:
    """Limits the wrong passkeys of one place, where nobody is known yet; a signature cannot be guessed, so it is no account's."""

    def clean_credential(self) -> Any:
        """Check the answer of a passkey."""
        try:
            return attempts.judge(of_place(context.request), super().clean_credential)  # type: ignore[misc]
        except TooManyFailuresError:
            raise get_adapter().validation_error("too_many_login_attempts") from None


class LimitedForms:
    """Limits how many sign-in forms with a fault come from one place, whatever the fault is."""

    request: HttpRequest

    def clean(self) -> Any:
        """Check the form. Raises `ImmediateHttpResponse`, the page with status 429."""
        limits = {f"sign_in:forms:{_place(self.request)}": FORMS}
        if attempts.exceeded(limits):
            raise ImmediateHttpResponse(too_many(self.request))
        try:
            cleaned = super().clean()  # type: ignore[misc]
        except ValidationError:
            attempts.failed(limits)
            raise
        if self.errors:  # type: ignore[attr-defined]
            attempts.failed(limits)
        return cleaned
