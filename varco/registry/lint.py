"""What is allowed but unwise in a registration: guidance for its developer, ranked findings for its reviewer (S14).

Each rule is a function from a `Case` to findings; `RULES` is the list, and the reviewer reads the outcome by risk.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import IntEnum

from django.conf import settings
from django.utils.translation import gettext as _

from varco.protocol.scope import OFFLINE_ACCESS
from varco.registry import hosts
from varco.registry.registration import Details, Registration, vocabulary


class Risk(IntEnum):
    """How much harm is possible if the finding is real; the order of the list."""

    HIGH = 3
    MEDIUM = 2
    LOW = 1


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `separate` says that another registration is the usual answer (S14)."""

    code: str
    risk: Risk
    field: str
    title: str
    text: str
    separate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Another application that shares a redirect URI, a host or the name with the one looked at."""

    application_id: int
    name: str
    own: bool  # of the same developer
    environment: str
    redirect_uris: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LintInput:
    """All that the rules look at. `live` is what is in force, if anything; `reviewer` decides what may be told."""

    details: Details
    registration: Registration
    live: Registration | None = None
    neighbours: tuple[Neighbour, ...] = ()
    reviewer: bool = False
    first_of_owner: bool = False

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts of the redirect URIs, each once."""
        return tuple(dict.fromkeys(filter(None, map(hosts.host_of, self.registration.redirect_uris))))


def findings(case: LintInput) -> list[Finding]:
    """Everything the rules find, the greatest risk first."""
    found = [finding for rule in RULES for finding in rule(case)]
    return sorted(found, key=lambda finding: -finding.risk)


def _local_and_public(case: LintInput) -> Iterator[Finding]:
    local = [host for host in case.hosts if hosts.is_local(host)]
    # A native application comes back to the person's own machine by design (RFC 8252 §7.3).
    if case.registration.type == "native" or not local:
        return
    public = [host for host in case.hosts if not hosts.is_local(host)]
    if public:
        text = _(
            "On a developer's own machine: %(local)s; on the internet: %(public)s. Whatever runs on that machine could receive "
            "the codes of real users. Register development separately."
        )
        yield Finding(
            "local_and_public",
            Risk.HIGH,
            "redirect_uris",
            _("Local and public redirect URIs in one registration"),
            text % {"local": ", ".join(local), "public": ", ".join(public)},
            separate=True,
        )
    elif case.registration.environment == "production":
        yield Finding(
            "local_in_production",
            Risk.HIGH,
            "redirect_uris",
            _("A production registration that leads to a local machine"),
            _("Users of a production application cannot come back to %(host)s. Choose the environment “Development”.")
            % {"host": ", ".join(local)},
        )


def _shared_redirect_uri(case: LintInput) -> Iterator[Finding]:
    for uri in case.registration.redirect_uris:
        for other in case.neighbours:
            if uri not in other.redirect_uris or hosts.is_local(hosts.host_of(uri)):
                continue
            named = other.name if case.reviewer or other.own else _("another developer's application")
            yield Finding(
                "shared_redirect_uri",
                Risk.MEDIUM if other.own else Risk.HIGH,
                "redirect_uris",
                _("A redirect URI already belongs to another application"),
                _("%(uri)s is registered for %(name)s too. An answer meant for one could be taken by the other: give each "
                  "application a redirect URI of its own.") % {"uri": uri, "name": named},
                separate=other.own,
            )  # fmt: skip


def _mixed_environments(case: LintInput) -> Iterator[Finding]:
    public = [host for host in case.hosts if not hosts.is_local(host)]
    test = [host for host in public if hosts.looks_like_test(host)]
    rest = [host for host in public if host not in test]
    if test and rest:
        yield Finding(
            "mixed_environments",
            Risk.HIGH if case.registration.environment == "production" else Risk.MEDIUM,
            "redirect_uris",
            _("Production and non-production would share one client"),
            _("%(test)s looks like a test system, %(rest)s does not. Test systems are easier to break into: with one client "
              "for both, that would open production too.") % {"test": ", ".join(test), "rest": ", ".join(rest)},
            separate=True,
        )  # fmt: skip
    elif test and case.registration.environment == "production":
        yield Finding(
            "test_host_in_production",
            Risk.MEDIUM,
            "environment",
            _("A production registration on a test system"),
            _("%(test)s looks like a test system. If it is one, choose the environment “Staging” or “Development”.")
            % {"test": ", ".join(test)},
        )


def _host_of_other_environment(case: LintInput) -> Iterator[Finding]:
    for other in case.neighbours:
        if not other.own or other.environment == case.registration.environment:
            continue
        shared = sorted(set(case.hosts) & set(map(hosts.host_of, other.redirect_uris)))
        shared = [host for host in shared if not hosts.is_local(host)]
        if shared and "production" in {other.environment, case.registration.environment}:
            yield Finding(
                "host_of_other_environment",
                Risk.MEDIUM,
                "environment",
                _("The same host serves production and another environment"),
                _("%(host)s is also used by “%(name)s”, which is registered for another environment.")
                % {"host": ", ".join(shared), "name": other.name},
            )


def _several_sites(case: LintInput) -> Iterator[Finding]:
    sites = sorted({hosts.site_of(host) for host in case.hosts if not hosts.is_local(host)})
    if len(sites) > 1:
        yield Finding(
            "several_sites",
            Risk.LOW,
            "redirect_uris",
            _("Redirect URIs on different sites"),
            _("%(sites)s: if these are different products or run by different people, each needs its own registration.")
            % {"sites": ", ".join(sites)},
            separate=True,
        )


def _address_instead_of_name(case: LintInput) -> Iterator[Finding]:
    for host in case.hosts:
        if hosts.is_address(host) and not hosts.is_local(host):
            yield Finding(
                "address_host",
                Risk.MEDIUM,
                "redirect_uris",
                _("A redirect URI leads to a bare IP address"),
                _("%(host)s: nobody can tell whose it is, and addresses change hands.") % {"host": host},
            )


def _borrowed_name(case: LintInput) -> Iterator[Finding]:
    vendor = settings.VARCO.vendor
    said = f"{case.details.name} {case.details.publisher}".casefold()
    if vendor.casefold() in said:
        yield Finding(
            "vendor_name",
            Risk.HIGH,
            "name",
            _("The name or publisher contains “%(vendor)s”") % {"vendor": vendor},
            _("People could take the application for one of %(vendor)s's own.") % {"vendor": vendor},
        )
    for other in case.neighbours:
        if not other.own and other.name.casefold() == case.details.name.casefold():
            yield Finding(
                "name_taken",
                Risk.MEDIUM,
                "name",
                _("Another application has the same name"),
                _("People could not tell the two apart on the consent page."),
            )
            return


def _widened(case: LintInput) -> Iterator[Finding]:
    if case.live is None:
        return
    known = vocabulary().scopes
    had = {scope.name for scope in case.live.scopes}
    added = [scope.name for scope in case.registration.scopes if scope.name not in had]
    if added:
        high = any(known[name].risk == "high" for name in added if name in known)
        yield Finding(
            "new_scopes",
            Risk.HIGH if high else Risk.MEDIUM,
            "scopes",
            _("It asks for more than what is in force"),
            _("New: %(scopes)s. Users are asked for consent again.") % {"scopes": ", ".join(added)},
        )
    before = {hosts.host_of(uri) for uri in case.live.redirect_uris}
    moved = [host for host in case.hosts if host not in before]
    if moved:
        yield Finding(
            "new_hosts",
            Risk.HIGH,
            "redirect_uris",
            _("Codes would go to a new host"),
            _("New: %(hosts)s. Make sure that it belongs to the publisher.") % {"hosts": ", ".join(moved)},
        )


def _data_asked_for(case: LintInput) -> Iterator[Finding]:
    known = vocabulary().scopes
    asked = [known[scope.name] for scope in case.registration.scopes if scope.name in known]
    data = [scope for scope in asked if scope.kind == "data"]
    high = [scope.name for scope in data if scope.risk == "high"]
    if data and not case.details.privacy_url:
        yield Finding(
            "no_privacy_policy",
            Risk.MEDIUM,
            "privacy_url",
            _("No privacy policy"),
            _("The application asks for clinic data; people should be able to read what becomes of it."),
        )
    if high and any(scope.name == OFFLINE_ACCESS for scope in asked) and not case.registration.confidential:
        yield Finding(
            "public_offline",
            Risk.MEDIUM,
            "scopes",
            _("Long-lived access to sensitive data without a client secret"),
            _("This type of application cannot keep a secret, and it asks to stay connected with %(scopes)s. Leave out "
              "offline_access if it can ask people to sign in again.") % {"scopes": ", ".join(high)},
        )  # fmt: skip
    if high and case.reviewer:
        yield Finding(
            "sensitive_scopes",
            Risk.MEDIUM,
            "scopes",
            _("It asks for sensitive data"),
            _("%(scopes)s. Does each reason say why the application cannot do without?") % {"scopes": ", ".join(high)},
        )


def _copied_reasons(case: LintInput) -> Iterator[Finding]:
    reasons = [scope.reason.strip().casefold() for scope in case.registration.scopes if scope.reason.strip()]
    if len(reasons) > 2 and len(set(reasons)) == 1:
        yield Finding(
            "copied_reasons",
            Risk.LOW,
            "scopes",
            _("The same reason for every scope"),
            _("A reason of its own for each scope makes the review faster, and people read it when they are asked."),
        )


def _claims_without_scope(case: LintInput) -> Iterator[Finding]:
    scopes = {scope.name for scope in case.registration.scopes}
    for name in ("profile", "email"):
        if (name in scopes) == (name in case.registration.claims):
            continue
        text = (
            _("The scope %(name)s is asked for, but the claims “%(name)s” are not: the scope would give nothing.")
            if name in scopes
            else _("The claims “%(name)s” are asked for without the scope %(name)s, by which an application gets them.")
        )
        yield Finding(
            "claims_and_scopes", Risk.LOW, "claims", _("Claims and scopes do not fit together"), text % {"name": name}
        )


def _unknown_developer(case: LintInput) -> Iterator[Finding]:
    if not case.reviewer:
        return
    if case.first_of_owner:
        yield Finding(
            "first_application",
            Risk.LOW,
            "publisher",
            _("The developer's first application"),
            _("Nothing of this developer has been approved before. Make sure of who publishes it."),
        )
    sites = {hosts.site_of(host) for host in (*case.hosts, hosts.host_of(case.details.home_url)) if host}
    contacts = {hosts.site_of(address.rpartition("@")[2].lower()) for address in case.details.contacts}
    if sites and contacts and not sites & contacts:
        yield Finding(
            "contacts_elsewhere",
            Risk.LOW,
            "contacts",
            _("Contacts and application are on different domains"),
            _("Contacts: %(contacts)s. Application: %(sites)s.")
            % {"contacts": ", ".join(sorted(contacts)), "sites": ", ".join(sorted(sites))},
        )


RULES: tuple[Callable[[LintInput], Iterator[Finding]], ...] = (
    _local_and_public,
    _shared_redirect_uri,
    _mixed_environments,
    _host_of_other_environment,
    _address_instead_of_name,
    _borrowed_name,
    _widened,
    _data_asked_for,
    _several_sites,
    _copied_reasons,
    _claims_without_scope,
    _unknown_developer,
)
