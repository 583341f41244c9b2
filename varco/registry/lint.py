"""Lint of a registration: what is allowed but unwise, for its developer and, ranked, for its reviewer (S14).

Each rule is a function from a `LintInput` to findings; `RULES` is the list, and the reviewer reads the outcome by risk.
Findings are codes with parameters; the portal words them (`portal.common.finding_words`).
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from django.conf import settings

from varco import catalog
from varco.protocol.scope import OFFLINE_ACCESS
from varco.registry import hosts
from varco.registry.registration import Details, Registration


class Risk(IntEnum):
    """How much harm is possible if the finding is real; the order of the list."""

    HIGH = 3
    MEDIUM = 2
    LOW = 1


class FindingCode(StrEnum):
    """What was found."""

    LOCAL_AND_PUBLIC = "local_and_public"
    LOCAL_IN_PRODUCTION = "local_in_production"
    SHARED_REDIRECT_URI = "shared_redirect_uri"
    MIXED_ENVIRONMENTS = "mixed_environments"
    TEST_HOST_IN_PRODUCTION = "test_host_in_production"
    HOST_OF_OTHER_ENVIRONMENT = "host_of_other_environment"
    SEVERAL_SITES = "several_sites"
    ADDRESS_HOST = "address_host"
    VENDOR_NAME = "vendor_name"
    NAME_TAKEN = "name_taken"
    NEW_SCOPES = "new_scopes"
    NEW_HOSTS = "new_hosts"
    NO_PRIVACY_POLICY = "no_privacy_policy"
    PUBLIC_OFFLINE = "public_offline"
    PKCE_EXCEPTION = "pkce_exception"
    SENSITIVE_SCOPES = "sensitive_scopes"
    COPIED_REASONS = "copied_reasons"
    READING_AND_WRITING = "reading_and_writing"
    SCOPE_WITHOUT_CLAIMS = "scope_without_claims"
    CLAIMS_WITHOUT_SCOPE = "claims_without_scope"
    FIRST_APPLICATION = "first_application"
    CONTACTS_ELSEWHERE = "contacts_elsewhere"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `separate` says that another registration is the usual answer (S14)."""

    code: FindingCode
    risk: Risk
    field: str
    parameters: Mapping[str, str | Sequence[str]] = dataclasses.field(default_factory=dict)
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
    first_of_developer: bool = False

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
        found = {"local": local, "public": public}
        yield Finding(FindingCode.LOCAL_AND_PUBLIC, Risk.HIGH, "redirect_uris", found, separate=True)
    elif case.registration.environment == "production":
        yield Finding(FindingCode.LOCAL_IN_PRODUCTION, Risk.HIGH, "redirect_uris", {"host": local})


def _shared_redirect_uri(case: LintInput) -> Iterator[Finding]:
    for uri in case.registration.redirect_uris:
        for other in case.neighbours:
            if uri not in other.redirect_uris or hosts.is_local(hosts.host_of(uri)):
                continue
            # Whose it is, another developer is not told.
            name = other.name if case.reviewer or other.own else ""
            yield Finding(
                FindingCode.SHARED_REDIRECT_URI,
                Risk.MEDIUM if other.own else Risk.HIGH,
                "redirect_uris",
                {"uri": uri, "name": name},
                separate=other.own,
            )


def _mixed_environments(case: LintInput) -> Iterator[Finding]:
    public = [host for host in case.hosts if not hosts.is_local(host)]
    test = [host for host in public if hosts.looks_like_test(host)]
    rest = [host for host in public if host not in test]
    production = case.registration.environment == "production"
    if test and rest:
        risk = Risk.HIGH if production else Risk.MEDIUM
        found = {"test": test, "rest": rest}
        yield Finding(FindingCode.MIXED_ENVIRONMENTS, risk, "redirect_uris", found, separate=True)
    elif test and production:
        yield Finding(FindingCode.TEST_HOST_IN_PRODUCTION, Risk.MEDIUM, "environment", {"test": test})


def _host_of_other_environment(case: LintInput) -> Iterator[Finding]:
    for other in case.neighbours:
        if not other.own or other.environment == case.registration.environment:
            continue
        shared = sorted(set(case.hosts) & set(map(hosts.host_of, other.redirect_uris)))
        shared = [host for host in shared if not hosts.is_local(host)]
        if shared and "production" in {other.environment, case.registration.environment}:
            found = {"host": shared, "name": other.name}
            yield Finding(FindingCode.HOST_OF_OTHER_ENVIRONMENT, Risk.MEDIUM, "environment", found)


def _several_sites(case: LintInput) -> Iterator[Finding]:
    sites = sorted({hosts.site_of(host) for host in case.hosts if not hosts.is_local(host)})
    if len(sites) > 1:
        yield Finding(FindingCode.SEVERAL_SITES, Risk.LOW, "redirect_uris", {"sites": sites}, separate=True)


def _address_instead_of_name(case: LintInput) -> Iterator[Finding]:
    for host in case.hosts:
        if hosts.is_address(host) and not hosts.is_local(host):
            yield Finding(FindingCode.ADDRESS_HOST, Risk.MEDIUM, "redirect_uris", {"host": host})


def _borrowed_name(case: LintInput) -> Iterator[Finding]:
    vendor = settings.VARCO.vendor
    shown = f"{case.details.name} {case.details.publisher}".casefold()
    if vendor.casefold() in shown:
        yield Finding(FindingCode.VENDOR_NAME, Risk.HIGH, "name", {"vendor": vendor})
    if any(not other.own and other.name.casefold() == case.details.name.casefold() for other in case.neighbours):
        yield Finding(FindingCode.NAME_TAKEN, Risk.MEDIUM, "name")


def _widened(case: LintInput) -> Iterator[Finding]:
    if case.live is None:
        return
    known = catalog.current().scopes
    had = {scope.name for scope in case.live.scopes}
    added = [scope.name for scope in case.registration.scopes if scope.name not in had]
    if added:
        high = any(known[name].risk == "high" for name in added if name in known)
        yield Finding(FindingCode.NEW_SCOPES, Risk.HIGH if high else Risk.MEDIUM, "scopes", {"scopes": added})
    before = {hosts.host_of(uri) for uri in case.live.redirect_uris}
    moved = [host for host in case.hosts if host not in before]
    if moved:
        yield Finding(FindingCode.NEW_HOSTS, Risk.HIGH, "redirect_uris", {"hosts": moved})


def _sensitive_data(case: LintInput) -> Iterator[Finding]:
    known = catalog.current().scopes
    requested = [known[scope.name] for scope in case.registration.scopes if scope.name in known]
    data = [scope for scope in requested if scope.kind == "data"]
    high = [scope.name for scope in data if scope.risk == "high"]
    if data and not case.details.privacy_url:
        yield Finding(FindingCode.NO_PRIVACY_POLICY, Risk.MEDIUM, "privacy_url")
    offline = any(scope.name == OFFLINE_ACCESS for scope in requested)
    if high and offline and not case.registration.confidential:
        yield Finding(FindingCode.PUBLIC_OFFLINE, Risk.MEDIUM, "scopes", {"scopes": high})
    if high and case.reviewer:
        yield Finding(FindingCode.SENSITIVE_SCOPES, Risk.MEDIUM, "scopes", {"scopes": high})


def _pkce_exception(case: LintInput) -> Iterator[Finding]:
    if case.registration.pkce_exception:
        yield Finding(FindingCode.PKCE_EXCEPTION, Risk.MEDIUM, "pkce_exception")


def _copied_reasons(case: LintInput) -> Iterator[Finding]:
    given = ((scope.reason or scope.reason_it).strip() for scope in case.registration.scopes)
    reasons = [reason.casefold() for reason in given if reason]
    if len(reasons) > 2 and len(set(reasons)) == 1:
        yield Finding(FindingCode.COPIED_REASONS, Risk.LOW, "scopes")


def _reading_and_writing(case: LintInput) -> Iterator[Finding]:
    requested = {scope.name for scope in case.registration.scopes}
    for resource in catalog.current().api.values():
        if {resource.scope, resource.read_scope} <= requested:
            found = {"scope": resource.scope, "narrower": resource.read_scope}
            yield Finding(FindingCode.READING_AND_WRITING, Risk.LOW, "scopes", found)


def _claims_without_scope(case: LintInput) -> Iterator[Finding]:
    scopes = {scope.name for scope in case.registration.scopes}
    for name in ("profile", "email"):
        if (name in scopes) != (name in case.registration.claims):
            code = FindingCode.SCOPE_WITHOUT_CLAIMS if name in scopes else FindingCode.CLAIMS_WITHOUT_SCOPE
            yield Finding(code, Risk.LOW, "claims", {"name": name})


def _unknown_developer(case: LintInput) -> Iterator[Finding]:
    if not case.reviewer:
        return
    if case.first_of_developer:
        yield Finding(FindingCode.FIRST_APPLICATION, Risk.LOW, "publisher")
    sites = {hosts.site_of(host) for host in (*case.hosts, hosts.host_of(case.details.home_url)) if host}
    contacts = {hosts.site_of(address.rpartition("@")[2].lower()) for address in case.details.contacts}
    if sites and contacts and not sites & contacts:
        found = {"contacts": sorted(contacts), "sites": sorted(sites)}
        yield Finding(FindingCode.CONTACTS_ELSEWHERE, Risk.LOW, "contacts", found)


RULES: tuple[Callable[[LintInput], Iterator[Finding]], ...] = (
    _local_and_public,
    _shared_redirect_uri,
    _mixed_environments,
    _host_of_other_environment,
    _address_instead_of_name,
    _borrowed_name,
    _widened,
    _sensitive_data,
    _pkce_exception,
    _several_sites,
    _copied_reasons,
    _reading_and_writing,
    _claims_without_scope,
    _unknown_developer,
)
