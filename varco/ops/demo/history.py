"""A past for the demo: decisions taken, one waiting, refusals in the trace, an application somebody has connected."""

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from varco import clock
from varco.accounts.models import User
from varco.audit.models import Refusal
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.models import Consent, Grant
from varco.ops.demo import clients
from varco.registry import services
from varco.registry.models import Application
from varco.registry.reasons import Reason
from varco.registry.registration import Details, Registration

_DAY, _HOUR = 86400, 3600


@contextmanager
def _ago(seconds: int) -> Iterator[None]:
    """Let the services act as if it were so many seconds earlier."""
    real = clock.system_milliseconds
    before = clock.install(lambda: real() - seconds * 1000)
    try:
        yield
    finally:
        clock.install(before)


def build(people: dict[str, User], world: dict[str, Application]) -> None:
    """Everything, once; run again after an interruption it completes what is missing."""
    developer, operator = people["developer"], people["operator"]
    _waiting(developer)
    _sent_back(developer, operator)
    _rejected(developer, operator)
    _waiting_change(world["web_post"], developer)
    for offset, key in enumerate(("doctor_aurora", "secretary_aurora", "doctor_levante")):
        _connected(people[key], world["web"], days=9 - offset)
    _refusals(world["web"], world["web_legacy"])


def _submitted(developer: User, details: Details, registration: Registration, *, ago: int) -> Application | None:
    """A registration handed in so many seconds ago; None if it exists."""
    if Application.objects.filter(owner=developer, name=details.name).exists():
        return None
    origin = Origin(developer)
    with _ago(ago + 2 * _HOUR):
        application = services.create_application(
            owner=developer, details=details, registration=registration, origin=origin
        )
    with _ago(ago):
        services.submit(application, origin)
    return application


def _waiting(developer: User) -> None:
    details = clients.details(
        "Ricette in Tasca", "Patients ask for repeat prescriptions from their telephone.", "Ricette in Tasca"
    )
    wanted = Registration(
        type="native",
        redirect_uris=("https://ricette.example/app/callback", "example.ricette:/callback"),
        scopes=clients.scopes("openid", "offline_access", "giponext.patients", required=("openid",)),
        claims=("profile", "tenant"),
    )
    _submitted(developer, details, wanted, ago=31 * _HOUR)


def _sent_back(developer: User, operator: User) -> None:
    details = clients.details(
        "Contabilità Chiara", "Hands the day's visits over to the accountant.", "Contabilità Chiara"
    )
    wanted = Registration(
        type="web",
        redirect_uris=("https://chiara.example/callback", "http://localhost:3000/callback"),
        scopes=clients.scopes("openid", "giponext.patients", "giponext.treatments"),
        claims=("profile",),
    )
    application = _submitted(developer, details, wanted, ago=6 * _DAY)
    if application:
        with _ago(5 * _DAY):
            services.request_changes(
                application.revisions.get(),
                Origin(operator),
                codes=[Reason.MIXED_ENVIRONMENTS, Reason.SCOPE_TOO_WIDE],
                text="Please register localhost separately, and tell us why accounting needs patients' details at all.",
            )


def _rejected(developer: User, operator: User) -> None:
    details = clients.details("Promo Salute", "Sends offers to patients by SMS.", "Promo Salute")
    wanted = Registration(
        type="web",
        redirect_uris=("https://promo.example/callback",),
        scopes=clients.scopes("openid", "offline_access", "giponext.patients"),
        claims=("profile", "email", "tenant"),
    )
    application = _submitted(developer, details, wanted, ago=13 * _DAY)
    if application:
        with _ago(12 * _DAY):
            services.reject(
                application.revisions.get(),
                Origin(operator),
                codes=[Reason.SCOPE_TOO_WIDE, Reason.PRIVACY],
                text="Patients' details may not be used for advertising; the privacy policy says the opposite.",
            )


def _waiting_change(application: Application, developer: User) -> None:
    """A second revision of something in force, so that the reviewer has a difference to look at."""
    application.refresh_from_db()
    live = application.live_revision
    if live is None or application.revisions.count() > 1:
        return
    plan = next(plan for plan in clients.PLANS if plan.key == "web_post")
    wanted = plan.changed(
        redirect_uris=(*plan.registration.redirect_uris, "https://reports.agenda.example/v2/callback"),
        scopes=clients.scopes("openid", "profile", "offline_access", "giponext.agenda", "giponext.treatments"),
    )
    with _ago(3 * _HOUR):
        services.save_draft(application, wanted.registration, Origin(developer))
        services.submit(application, Origin(developer))


def _connected(user: User, application: Application, *, days: int) -> None:
    """A consent and its grant, as consent and token endpoint would have left them."""
    if Consent.objects.filter(user=user, application=application).exists():
        return
    membership = user.membership
    accepted, refused = "openid profile offline_access giponext.agenda", "email giponext.treatments"
    with _ago(days * _DAY):
        now = clock.now()
        Consent.objects.create(
            user=user,
            application=application,
            tenant=membership.tenant,
            scopes=accepted,
            refused=refused,
            claims="profile tenant",
            given_at=now,
        )
        Grant.objects.create(
            state=Grant.State.ACTIVE,
            user=user,
            application=application,
            tenant=membership.tenant,
            scopes=accepted,
            claims="profile tenant",
            created_at=now,
            auth_time=now,
            rid=secrets.token_hex(16),
            n=7,
            rotated_at=clock.now_ms(),
            idle_expires_at=now + 30 * _DAY,
            expires_at=now + 365 * _DAY,
            last_used_at=now + (days - 1) * _DAY,
        )
        origin = Origin(user, ip="198.51.100.20")
        tenant = membership.tenant
        record(
            Tag.CONSENT_GIVEN,
            origin,
            application=application,
            user=user,
            tenant=tenant,
            scopes=accepted,
            refused=refused,
        )
        record(Tag.GRANT_ISSUED, Origin(), application=application, user=user, tenant=tenant)


# (hours ago, key of the application, endpoint, error, status, rule, description, received, expected)
_TRACE = (
    (2, "web", "authorize", "invalid_request", 400, "RFC 9700 §2.1 redirect_uri", "The redirect URI is not registered for this application.",
     "https://agenda.example/callback/", "http://127.0.0.1:8765/callback, http://localhost:8765/callback, https://agenda.example/callback"),
    (5, "web", "token", "invalid_grant", 400, "RFC 6749 §4.1.2 code lifetime", "The authorization code has expired.",
     "a code 94 seconds old", "a code at most 60 seconds old"),
    (26, "web", "token", "invalid_client", 401, "RFC 6749 §2.3.1 client_secret", "Client authentication failed.",
     "client_secret_basic with an unknown secret", "one of 1 live secrets"),
    (27, "web", "api", "forbidden", 403, "scope", "The token does not carry the scope this needs.",
     "openid profile giponext.agenda", "giponext.patients"),
    (50, "web_legacy", "token", "unsupported_grant_type", 400, "RFC 6749 §4.4", "Client credentials are not supported: every token belongs to a person.",
     "client_credentials", "authorization_code or refresh_token"),
)  # fmt: skip


def _refusals(web: Application, legacy: Application) -> None:
    if Refusal.objects.filter(application_id__in=[web.pk, legacy.pk]).exists():
        return
    for number, (hours, key, endpoint, error, status, rule, description, received, expected) in enumerate(_TRACE):
        Refusal.objects.create(
            at=clock.now_ms() - hours * _HOUR * 1000,
            request_id=f"demo{number:04d}",
            endpoint=endpoint,
            application_id=(web if key == "web" else legacy).pk,
            error=error,
            rule=rule,
            description=description,
            received=received,
            expected=expected,
            status=status,
        )
