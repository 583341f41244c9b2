"""A past for the demo: decisions taken, one waiting, refusals in the trace, an application somebody has connected."""

import secrets

from varco import clock
from varco.accounts.models import User
from varco.audit.models import RefusedRequest
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants.models import Consent, Grant
from varco.ops.demo import accesses, clients, clinics, integrators, reviews, teams
from varco.ops.demo.past import DAY, HOUR, ago
from varco.registry import access, services
from varco.registry.models import Application
from varco.registry.reasons import Reason
from varco.registry.registration import Details, Registration


def build(people: dict[str, User], world: dict[str, Application]) -> None:
    """Everything, once; run again after an interruption it completes what is missing."""
    developer, operator = people["developer"], people["operator"]
    _waiting(developer, people["operator"], people["second_operator"])
    _sent_back(developer, operator)
    _rejected(developer, operator)
    _waiting_change(world["web_post"], developer)
    for offset, key in enumerate(("doctor_aurora", "secretary_aurora", "doctor_levante")):
        _connected(people[key], world["web"], days=9 - offset)
    _refusals(world["web"], world["web_legacy"])
    teams.build(developer, people["colleague"])
    integrators.build(people["manager_aurora"], people["support"], world["web"])
    accesses.build(people, world)
    clinics.build(people, _reminders(developer, operator))


def _submitted(developer: User, details: Details, registration: Registration, *, age: int) -> Application | None:
    """A registration handed in so many seconds ago; None if it exists."""
    if access.visible_to(developer).filter(name=details.name).exists():
        return None
    origin = Origin(developer)
    with ago(age + 2 * HOUR):
        application = services.create_application(details=details, registration=registration, origin=origin)
    with ago(age):
        services.submit(application, origin)
    return application


def _waiting(developer: User, operator: User, second: User) -> None:
    details = clients.details(
        "Ricette in Tasca", "Patients ask for repeat prescriptions from their telephone.", "Ricette in Tasca"
    )
    wanted = Registration(
        type="native",
        redirect_uris=("https://ricette.example/app/callback", "example.ricette:/callback"),
        scopes=clients.scopes("openid", "offline_access", "giponext.patients", required=("openid",)),
        claims=("profile", "tenant"),
    )
    if made := _submitted(developer, details, wanted, age=31 * HOUR):
        reviews.talk(made, developer, operator)
    details = clients.details("Turni Sereni", "Shows everybody their own shifts in the agenda.", "Turni Sereni")
    wanted = Registration(
        type="web",
        redirect_uris=("https://turni.example/callback",),
        scopes=clients.scopes("openid", "profile", "giponext.agenda"),
        claims=("profile", "tenant"),
    )
    if made := _submitted(developer, details, wanted, age=9 * DAY):
        reviews.forget(made, second)
    details = clients.details("Referti in Chiaro", "Hands reports to patients on their telephone.", "Referti in Chiaro")
    wanted = Registration(
        type="web",
        redirect_uris=("https://referti.example/callback",),
        scopes=clients.scopes("openid", "giponext.patients", "giponext.medicalreports"),
        claims=("tenant",),
    )
    if made := _submitted(developer, details, wanted, age=7 * HOUR):
        reviews.approve_once(made, second)


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
    application = _submitted(developer, details, wanted, age=6 * DAY)
    if application:
        with ago(5 * DAY):
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
    application = _submitted(developer, details, wanted, age=13 * DAY)
    if application:
        with ago(12 * DAY):
            services.reject(
                application.revisions.get(),
                Origin(operator),
                codes=[Reason.SCOPE_TOO_WIDE, Reason.PRIVACY],
                text="Patients' details may not be used for advertising; the privacy policy says the opposite.",
            )


def _reminders(developer: User, operator: User) -> Application:
    """One that is in force, for a clinic to block: what the manifest names works everywhere."""
    details = clients.details("Promemoria Visite", "Reminds patients of their visits by SMS.", "Promemoria Visite")
    wanted = Registration(
        type="web",
        redirect_uris=("https://promemoria.example/callback",),
        scopes=clients.scopes("openid", "offline_access", "giponext.agenda"),
        claims=("tenant",),
    )
    made = _submitted(developer, details, wanted, age=20 * DAY)
    application = made or access.visible_to(developer).get(name=details.name)
    if application.live_revision is None:
        with ago(19 * DAY):
            services.approve(application.revisions.get(), Origin(operator))
    return application


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
    with ago(3 * HOUR):
        services.save_draft(application, wanted.registration, Origin(developer))
        services.submit(application, Origin(developer))


def _connected(user: User, application: Application, *, days: int) -> None:
    """A consent and its grant, as consent and token endpoint would have left them."""
    if Consent.objects.filter(user=user, application=application).exists():
        return
    membership = user.membership
    accepted, refused = "openid profile offline_access giponext.agenda", "email giponext.treatments"
    with ago(days * DAY):
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
            idle_expires_at=now + 30 * DAY,
            expires_at=now + 365 * DAY,
            last_used_at=now + (days - 1) * DAY,
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


# (hours ago, key of the application, endpoint, error, status, rule, description, received, expected), as the gate would tell them
_TRACE = (
    (2, "web", "/oauth2/authorize", "invalid_request", 400, "RFC 9700 §4.1.3 redirect_uri exact match",
     "The redirect_uri is not one of those registered for this application. It must be exactly equal to one of them.",
     "https://agenda.example/callback/", "http://127.0.0.1:8765/callback, http://localhost:8765/callback, https://agenda.example/callback"),
    (5, "web", "/oauth2/token", "invalid_grant", 400, "RFC 6749 §4.1.2 code lifetime",
     "The code has expired. Redeem it as soon as it arrives.", "expired 34 s ago", "a code redeemed in time"),
    (26, "web", "/oauth2/token", "invalid_client", 401, "RFC 6749 §2.3.1 client_secret",
     "The client_secret is not a valid one of this application. It may have been revoked.",
     "an unknown or revoked client_secret", "its one live secret"),
    (27, "web", "/v2/tenants/{tenantId}/patients", "insufficient_scope", 403, "S18 granted scope",
     "The person has not granted giponext.patients to this application.", "giponext.agenda openid profile", "giponext.patients"),
    (50, "web_legacy", "/oauth2/token", "unsupported_grant_type", 400, "RFC 6749 §5.2 unsupported_grant_type",
     "Every token here belongs to a person who has logged in, so an application cannot get one for itself.",
     "client_credentials", "authorization_code, refresh_token"),
)  # fmt: skip


def _refusals(web: Application, legacy: Application) -> None:
    if RefusedRequest.objects.filter(application_id__in=[web.pk, legacy.pk]).exists():
        return
    for number, (hours, key, endpoint, error, status, rule, description, received, expected) in enumerate(_TRACE):
        RefusedRequest.objects.create(
            at=clock.now_ms() - hours * HOUR * 1000,
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
