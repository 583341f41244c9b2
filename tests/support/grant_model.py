"""What authorizations should be, in a few lines without a database: beside it, the state machines of the tests run the real thing."""

from dataclasses import dataclass, field

REFRESH_IDLE = 3600
REFRESH_ABSOLUTE = 3 * 3600
RETRY_WINDOW = 60
ACCESS_LIFETIME = 600
CODE_LIFETIME = 60
"""Seconds, as the gate of these tests is set."""

OFFLINE = "offline_access"


@dataclass
class World:
    """Everything a grant stands on beside itself (times in epoch seconds)."""

    approved: set[str]
    person: bool = True
    member: bool = True
    member_until: int | None = None
    clinic: bool = True
    application: str = "active"
    secret: bool = True
    blocked: bool = False
    limited: bool = False  # to another clinic
    dead_keys: set[str] = field(default_factory=set)

    def person_works(self, now: int) -> bool:
        ended = self.member_until is not None and self.member_until <= now
        return self.person and self.member and not ended and self.clinic

    @property
    def allowed(self) -> bool:
        """What clinic and owner say of the application (S19)."""
        return not self.blocked and not self.limited

    @property
    def client_works(self) -> bool:
        return self.application == "active" and self.secret


@dataclass(frozen=True)
class Access:
    """An access token that was given out."""

    text: str
    scopes: frozenset[str]
    until: int
    kid: str


@dataclass
class Grant:
    """One authorization: `code → active → ended`."""

    pk: int
    scopes: list[str]
    code: str
    code_until: int
    state: str = "code"
    until: int = 0
    idle_until: int = 0
    rotated_ms: int = 0
    refresh: list[str] = field(default_factory=list)
    access: list[Access] = field(default_factory=list)
    renewable: bool = False

    def redeemed(self, now_ms: int) -> None:
        """A code was exchanged; `renewable` was decided by what was granted and is approved."""
        now = now_ms // 1000
        self.state, self.rotated_ms = "active", now_ms
        self.until = now + (REFRESH_ABSOLUTE if self.renewable else ACCESS_LIFETIME)
        self.idle_until = now + REFRESH_IDLE if self.renewable else 0

    def rotated(self, now_ms: int) -> None:
        self.rotated_ms, self.idle_until = now_ms, now_ms // 1000 + REFRESH_IDLE

    def end(self) -> None:
        self.state = "ended"

    def narrow(self, taken: set[str], now: int) -> None:
        """Scopes are taken away; with `offline_access` the refresh token goes, without any scope the grant."""
        if self.state == "ended":
            return
        kept = [name for name in self.scopes if name not in taken]
        if not kept:
            self.end()
            return
        self.scopes = kept
        if OFFLINE in taken and self.renewable:
            self.renewable = False
            self.until = min(self.until, now + ACCESS_LIFETIME)

    def lives(self, world: World, now: int) -> bool:
        """Whether anything given for it can work: but for what a manager or the owner says of the application."""
        return self.state == "active" and self.until > now and world.person_works(now) and world.application == "active"

    def good(self, token: Access, world: World, now: int) -> bool:
        """Whether an access token works somewhere."""
        return self.lives(world, now) and token.until > now and token.kid not in world.dead_keys

    def scope_of(self, token: Access, world: World) -> set[str]:
        """What an access token can do now."""
        return set(token.scopes) & set(self.scopes) & world.approved

    def allowed_scope(self, world: World) -> list[str]:
        """What a new access token holds at most."""
        return [name for name in self.scopes if name in world.approved]

    def use(self, n: int, world: World, now_ms: int) -> str:
        """What becomes of refresh token number `n` (from 1): `rotate`, `retry`, `refused`, or `reuse`, which ends the grant."""
        now = now_ms // 1000
        if not self.renewable or not self.lives(world, now) or not world.allowed or self.idle_until <= now:
            return "refused"
        if n == len(self.refresh):
            return "rotate"
        if n == len(self.refresh) - 1 and now_ms - self.rotated_ms <= RETRY_WINDOW * 1000:
            return "retry"
        return "reuse"
