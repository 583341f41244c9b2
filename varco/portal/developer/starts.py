"""What a registration can begin from: templates for the usual kinds of software, and a copy of an own application."""

from dataclasses import dataclass, replace

from django.utils import translation
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco import catalog
from varco.accounts.models import User
from varco.portal.developer.samples import LISTENER
from varco.protocol.client import AUTHORIZATION_CODE, DEVICE_CODE
from varco.protocol.scope import OFFLINE_ACCESS, OPENID
from varco.registry import teams, validation
from varco.registry.models import Team
from varco.registry.registration import Details, Registration, ScopeRequest


@dataclass(frozen=True, slots=True)
class Start:
    """A template: what is the same for nearly all software of a kind, with the reasons, to be changed at will.

    `local` is for a development registration: where the programs of the quick start listen, first, and where the usual
    development server of the kind takes people back to.
    """

    key: str
    label: Promise
    text: Promise
    type: str
    grant_types: tuple[str, ...] = (AUTHORIZATION_CODE,)
    scopes: tuple[str, ...] = (OPENID, "profile", "email")
    claims: tuple[str, ...] = ("profile", "email", "tenant")
    local: tuple[str, ...] = ()
    acts_by_itself: bool = False


STARTS = (
    Start(
        "django",
        _("Server web app in Django"),
        _("Pages made on a server, signing in with django-allauth or another OpenID Connect library."),
        "web",
        local=(LISTENER, "http://localhost:8000/accounts/oidc/varco/login/callback/"),
    ),
    Start(
        "spa",
        _("Single-page app"),
        _("Everything runs in the browser; PKCE instead of a secret."),
        "spa",
        local=(LISTENER, "http://localhost:5173/callback"),
    ),
    Start(
        "mobile",
        _("Mobile app"),
        _("Installed on telephones; PKCE instead of a secret."),
        "native",
        local=("http://127.0.0.1/callback",),  # any port will do (RFC 8252 §7.3)
    ),
    Start(
        "device",
        _("Device or batch job"),
        _("No browser of its own: a person confirms once on another device, and it stays connected."),
        "device",
        grant_types=(DEVICE_CODE,),
        scopes=(OPENID, OFFLINE_ACCESS),
        claims=("tenant",),
        acts_by_itself=True,
    ),
    Start(
        "agent",
        _("AI agent"),
        _(
            "It acts for a person who allowed it once, also while nobody watches. Ask for reading alone wherever that does."
        ),
        "web",
        scopes=(OPENID, OFFLINE_ACCESS),
        claims=("tenant",),
        local=(LISTENER,),
        acts_by_itself=True,
    ),
)
BY_KEY = {start.key: start for start in STARTS}

_REASONS: dict[str, Promise] = {
    OPENID: _("To know who signs in."),
    "profile": _("To show the name of whoever is signed in."),
    "email": _("To recognise a person's account in the application."),
    OFFLINE_ACCESS: _("It works while nobody is signed in, so that nobody has to confirm it again each day."),
}


def known_details(developer: User, team: Team | None, name: str) -> Details:
    """Details of a new application of a team with what is known already: who publishes it, and whom mail reaches.

    The publisher is that of the team's newest application, which somebody has written, else the team's name.
    """
    team = team or teams.where_maintainer(developer).order_by("pk").first()
    publisher = (teams.publisher_of(team) or team.name) if team else developer.name
    return Details(name=name, publisher=publisher[:120].strip(), contacts=(developer.email,))


def from_template(start: Start, environment: str) -> Registration:
    """A registration begun from a template, as far as the catalogue has what is in it."""
    known = catalog.current()
    return Registration(
        type=start.type,
        environment=environment,
        acts_by_itself=start.acts_by_itself,
        grant_types=start.grant_types,
        redirect_uris=start.local if environment == "development" else (),
        scopes=tuple(_scope_request(name) for name in start.scopes if name in known.scopes),
        claims=tuple(name for name in start.claims if name in known.claims),
    )


def _scope_request(scope: str) -> ScopeRequest:
    with translation.override("en"):
        english = str(_REASONS[scope])
    with translation.override("it"):
        return ScopeRequest(scope, english, reason_it=str(_REASONS[scope]))


def copy_of(details: Details, registration: Registration, name: str, environment: str) -> tuple[Details, Registration]:
    """A registration begun from another one, under its own name.

    Keys are never shared, nor are addresses by two environments (S14); what was wrong is left out, like what the catalogue lacks.
    """
    named = replace(details, name=name)
    empty = Details(name=name).columns() | {"contacts": ()}
    right = {field: empty[field] for field in validation.details_faults(named)} | {"name": name}
    known = catalog.current()
    copied = replace(
        registration,
        environment=environment,
        scopes=tuple(scope for scope in registration.scopes if scope.name in known.scopes),
        claims=tuple(claim for claim in registration.claims if claim in known.claims),
        jwks=None,
        jwks_uri="",
    )
    if environment != registration.environment:
        copied = replace(copied, redirect_uris=(), post_logout_redirect_uris=(), backchannel_logout_uri="")
    return replace(named, **right), copied
