"""What a password must be (S9): long, or less long with a second factor; not one that everybody uses. Nothing else.

Every page that sets a password asks `AUTH_PASSWORD_VALIDATORS`, which are these two; no command sets one.
"""

import string

from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

from varco.accounts.models import PASSWORD_ALONE, User

PASSWORD_WITH_FACTOR = 8  # characters
FACTORS = ("totp", "webauthn")


def has_second_factor(user: User | None) -> bool:
    """Whether sign-in asks this person for more than the password; recovery codes alone are none."""
    from varco.portal.common import sign_in

    return bool(user and user.pk and sign_in.has_second_step(user))


class LengthValidator:
    """At least 15 characters, or 8 with a second factor (NIST SP 800-63B-4 §3.1.1.2)."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` for a password that is too short for this account."""
        least = PASSWORD_WITH_FACTOR if has_second_factor(user) else PASSWORD_ALONE
        if len(password) < least:
            raise ValidationError(
                _("Use at least %(least)d characters; several words are easy to remember."),
                code="password_too_short",
                params={"least": least},
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("At least 15 characters; 8 are enough with two-step sign-in. Several words are easy to remember.")


class BlocklistValidator(CommonPasswordValidator):
    """Not a password that everybody uses (Django's list of 20,000), nor one made longer by repeating it or by digits at its ends."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` for a password that guessers try first."""
        tried_first = self.passwords | _own_words(user)
        if _is_plain(password) or any(candidate in tried_first for candidate in _reductions(password)):
            raise ValidationError(
                _("This password is among the first that others would try. Choose something less expected."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("Not a password that many people use.")


def _reductions(password: str) -> set[str]:
    """The password, its words in one, and each of these without the digits and marks at its ends, and without its repetitions.

    `passwordpassword`, `Password12345678!` and `pass word 2026 2026` are all `password`.
    """
    plain = password.lower().strip()
    whole = {plain, "".join(plain.split())}
    whole |= {each.strip(string.digits + string.punctuation + string.whitespace) for each in whole}
    return {_unit(each) for each in whole if each} | whole - {""}


def _unit(plain: str) -> str:
    """What a text repeats, if it is a repetition; the text itself otherwise."""
    length = (plain + plain).find(plain, 1)
    return plain[:length]


def _is_plain(password: str) -> bool:
    """Whether it has two different characters at most: `aaaaaaaaaaaaaaa`, `121212121212121`."""
    return len(set("".join(password.lower().split()))) <= 2


def _own_words(user: User | None) -> set[str]:
    """What is told by the account or by the page itself (NIST SP 800-63B-4 §3.1.1.2): address, name, service."""
    words = {"varco", "".join(settings.VARCO.vendor.lower().split())}
    if user is not None:
        address, name = user.email.lower(), "".join(user.name.lower().split())
        words |= {address, address.partition("@")[0], name}
    return words - {""}
