"""What a password must be (S9): long, or less long with a second factor; not one that everybody uses. Nothing else."""

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
    """Not a password that everybody uses, nor one of those written twice over to make it longer."""

    def validate(self, password: str, user: User | None = None) -> None:
        """Raise `ValidationError` for a password that guessers try first."""
        if any(candidate in self.passwords for candidate in _reductions(password)) or _own_words(password, user):
            raise ValidationError(
                _("This password is among the first that others would try. Choose something less expected."),
                code="password_too_common",
            )

    def get_help_text(self) -> str:
        """The rule in words."""
        return _("Not a password that many people use.")


def _reductions(password: str) -> list[str]:
    """The password, and the unit it repeats if it is a repetition: `passwordpassword` is `password`."""
    plain = password.lower().strip()
    unit = (plain + plain).find(plain, 1)
    return [plain, plain[:unit]] if 0 < unit < len(plain) else [plain]


def _own_words(password: str, user: User | None) -> bool:
    plain = "".join(password.lower().split())
    repeated = len(set(plain)) <= 2  # "aaaaaaaaaaaaaaa", "121212121212121"
    address = user.email.lower() if user else ""
    name = "".join(user.name.lower().split()) if user else ""
    return repeated or (bool(plain) and plain in {address, address.partition("@")[0], name})
