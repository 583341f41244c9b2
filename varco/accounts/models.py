"""People who can sign in: one account each, whatever their part (S1 to S5)."""

import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.hashers import check_password
from django.db import models

from varco import clock
from varco.accounts import browser_session, hashers
from varco.accounts.addresses import canonical
from varco.compiled import Compiled
from varco.validators import PersonName

PASSWORD_ALONE = 15  # characters a password needs where nothing but it is asked at sign-in (S9)


def new_subject() -> str:
    """A new `sub`: random, so it tells nothing about order or number of users."""
    return f"user-{secrets.token_hex(10)}"


class UserManager(BaseUserManager["User"]):
    """Makes accounts; e-mail addresses are kept lower-case, so that one person has one account."""

    def create_user(self, email: str, password: str | None = None, **fields: object) -> "User":
        """Make and save an account; without a password it cannot sign in until it sets one."""
        user = self.model(email=canonical(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> "User":
        """The account of an e-mail address, in whatever case it was typed."""
        return self.get(email=canonical(username or ""))

    def get(self, *args: Any, **kwargs: Any) -> "User":
        """As Django's; by key alone, as at the beginning of each request of somebody signed in, by a compiled query."""
        if args or kwargs.keys() != {"pk"} or self._db or type(self) is not UserManager:
            return super().get(*args, **kwargs)
        found = _BY_KEY.only(pk=kwargs["pk"])
        if found is None:
            raise User.DoesNotExist
        return found


class User(AbstractBaseUser):
    """An account. What it may do in a clinic stands in its membership (`tenants`), never here."""

    class PlatformRole(models.TextChoices):
        """What an account may do for the vendor (S1)."""

        NONE = "", "None"
        OPERATOR = "operator", "Operator"
        SUPPORT = "support", "Support"

    public_id = models.CharField(max_length=40, unique=True, default=new_subject, editable=False)
    email = models.EmailField(max_length=254, unique=True)
    given_name = models.CharField(max_length=80, blank=True, default="", validators=[PersonName()])
    family_name = models.CharField(max_length=80, blank=True, default="", validators=[PersonName()])
    language = models.CharField(max_length=5, default="en")
    is_active = models.BooleanField(default=True)
    # The password has 8 to 14 characters, which is enough with a second factor only (S9): the last factor must stay.
    password_is_short = models.BooleanField(default=False)
    platform_role = models.CharField(max_length=10, blank=True, default="", choices=PlatformRole.choices)
    # Epoch seconds; null: the Developer role is off (S7). The role opens no clinic data (S2).
    developer_since = models.BigIntegerField(null=True, blank=True)
    # How often all sessions were ended: a sign-in that waits at its second step goes on only under the number it began with.
    session_generation = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    # Which terms somebody accepted who registered by themselves, and when (epoch seconds).
    terms_version = models.CharField(max_length=40, blank=True, default="", db_default="")
    terms_at = models.BigIntegerField(null=True, blank=True)
    # Epoch seconds; set: the person closed the account, for good. Its address and name are gone, its `sub` stays.
    closed_at = models.BigIntegerField(null=True, blank=True)
    created_at = models.BigIntegerField(default=clock.now)
    updated_at = models.BigIntegerField(default=clock.now)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()

    def __str__(self) -> str:
        return self.email

    def set_password(self, raw_password: str | None) -> None:
        """Set it, and note whether it is long enough only together with a second factor."""
        super().set_password(raw_password)
        self.password_is_short = raw_password is not None and len(raw_password) < PASSWORD_ALONE

    def check_password(self, raw_password: str | None) -> bool:
        """Whether it is the password; one hashed at another cost than today's is hashed anew, which ends no session."""

        def upgrade(password: str) -> None:
            self.password = hashers.rehashed(password, self.password)
            self.save(update_fields=["password"])

        return check_password(raw_password, self.password, upgrade)

    def get_session_auth_hash(self) -> str:
        """What a session keeps of the password that it was begun with: it is over when another one is set."""
        return self._session_hash(settings.SECRET_KEY)

    def get_session_auth_fallback_hash(self) -> Iterator[str]:
        """The same under the keys that came before."""
        return map(self._session_hash, settings.SECRET_KEY_FALLBACKS)

    def _session_hash(self, key: str) -> str:
        return browser_session.password_mark(self.password, key)

    @property
    def name(self) -> str:
        """Full name, or the e-mail address of someone who gave none."""
        return f"{self.given_name} {self.family_name}".strip() or self.email

    @property
    def is_developer(self) -> bool:
        """Whether the Developer role is switched on (S7, S8)."""
        return self.developer_since is not None

    @property
    def answers_for_all(self) -> bool:
        """Whether people and developers of every application turn to them: operators and support."""
        return self.platform_role in {User.PlatformRole.OPERATOR, User.PlatformRole.SUPPORT}

    @property
    def is_operator(self) -> bool:
        """Whether this account decides about applications (S1)."""
        return self.platform_role == self.PlatformRole.OPERATOR

    def get_full_name(self) -> str:
        """The name Django and allauth show."""
        return self.name


_BY_KEY = Compiled(lambda pk: User.objects.filter(pk=pk), pk=models.BigIntegerField())


class FailedAttempt(models.Model):
    """A failed attempt at a password or code, counted by the limits of attempts for some minutes."""

    key = models.CharField(max_length=64)  # a keyed hash of what is counted and whose
    at_ms = models.BigIntegerField()  # epoch milliseconds

    class Meta:
        indexes: ClassVar[list[models.Index]] = [
            models.Index(fields=["key", "at_ms"], name="failed_attempt_key"),
            models.Index(fields=["at_ms"], name="failed_attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.key} at {self.at_ms}"


class Invitation(models.Model):
    """That somebody may set the first password of their account by a link; the link's secret stands here as a hash alone.

    One a person: whoever is invited again gets another link, and the one before opens nothing. Gone once it was used.
    """

    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64, unique=True)
    expires_at = models.BigIntegerField()  # epoch seconds
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"invitation of {self.user}"


class PendingAccount(models.Model):
    """What somebody said who wants an account, until they follow the link that was sent to their address.

    No account stands for an address before its owner has shown that they read its mail, so that nobody can take one
    beforehand. The link's secret and the password stand here as hashes alone.
    """

    digest = models.CharField(max_length=64, unique=True)
    email = models.EmailField(max_length=254)
    given_name = models.CharField(max_length=80, validators=[PersonName()])
    family_name = models.CharField(max_length=80, validators=[PersonName()])
    language = models.CharField(max_length=5)
    password = models.CharField(max_length=128)
    terms_version = models.CharField(max_length=40)
    expires_at = models.BigIntegerField(db_index=True)  # epoch seconds
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"pending account of {self.email}"


class AddressChange(models.Model):
    """That an account got another e-mail address, which whoever reads the one before can undo by a link until `undo_until`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    before = models.EmailField(max_length=254)
    after = models.EmailField(max_length=254)
    digest = models.CharField(max_length=64, unique=True)
    undo_until = models.BigIntegerField()  # epoch seconds
    created_at = models.BigIntegerField(default=clock.now)

    def __str__(self) -> str:
        return f"{self.before} became {self.after}"


class DemoMark(models.Model):
    """That `varco demo` filled these databases: no server outside the demo serves them. One row, or none."""

    made_at = models.BigIntegerField(default=clock.now)  # epoch seconds

    def __str__(self) -> str:
        return f"a demo since {self.made_at}"
