"""Rules about what an application asks for, and who asks."""

from collections.abc import Callable, Iterator

from varco import catalog
from varco.protocol.scope import OFFLINE_ACCESS
from varco.registry import hosts
from varco.registry.lint.model import Finding, FindingCode, Grade, LintInput

_UNUSUAL = {
    "spa": ({OFFLINE_ACCESS}, {"management"}),  # a browser is a poor place to keep either
    "native": (set(), {"management"}),
    "device": ({"profile", "email"}, set()),  # nobody stands before it to be greeted
}
"""By kind of application: scopes, and kinds of scopes of the catalogue, that one hardly needs."""


def _widened(case: LintInput) -> Iterator[Finding]:
    if case.live is None:
        return
    known = catalog.current().scopes
    had = {scope.name for scope in case.live.scopes}
    added = [scope.name for scope in case.registration.scopes if scope.name not in had]
    if added:
        high = any(known[name].risk == "high" for name in added if name in known)
        yield Finding(FindingCode.NEW_SCOPES, Grade.WARNING if high else Grade.NOTE, "scopes", {"scopes": added})
    before = {hosts.host_of(uri) for uri in case.live.redirect_uris}
    moved = [host for host in case.hosts if host not in before]
    if moved:
        yield Finding(FindingCode.NEW_HOSTS, Grade.WARNING, "redirect_uris", {"hosts": moved})


def _sensitive_data(case: LintInput) -> Iterator[Finding]:
    known = catalog.current().scopes
    requested = [known[scope.name] for scope in case.registration.scopes if scope.name in known]
    data = [scope for scope in requested if scope.kind == "data"]
    high = [scope.name for scope in data if scope.risk == "high"]
    if data and not case.details.privacy_url and not _in_development(case):
        yield Finding(FindingCode.NO_PRIVACY_POLICY, Grade.WARNING, "privacy_url")
    offline = any(scope.name == OFFLINE_ACCESS for scope in requested)
    if high and offline and not case.registration.confidential:
        yield Finding(FindingCode.PUBLIC_OFFLINE, Grade.WARNING, "scopes", {"scopes": high})
    if high and case.reviewer:
        yield Finding(FindingCode.SENSITIVE_SCOPES, Grade.WARNING, "scopes", {"scopes": high})


def _in_development(case: LintInput) -> bool:
    return case.registration.environment == "development"


def _in_one_language(texts: tuple[str, str]) -> bool:
    return bool(texts[0].strip()) != bool(texts[1].strip())


def _missing_for_production(case: LintInput) -> Iterator[Finding]:
    """What a reviewer and the people of a clinic need, and a team in its own sandbox does not: said early, asked for late."""
    details, registration, known = case.details, case.registration, catalog.current().scopes
    described = (details.description + details.description_it).strip()
    data = any(scope.name in known and known[scope.name].kind == "data" for scope in registration.scopes)
    half_said = _in_one_language((details.description, details.description_it))
    half_reasoned = any(_in_one_language((each.reason, each.reason_it)) for each in registration.scopes)
    one_language = half_said or half_reasoned
    if not _in_development(case):
        if one_language:
            yield Finding(FindingCode.ONE_LANGUAGE, Grade.NOTE, "description" if half_said else "scopes")
        return
    missing = {"description": not described, "privacy_url": data and not details.privacy_url, "languages": one_language}
    found = [name for name, lacks in missing.items() if lacks]
    if found:
        field = found[0] if found[0] != "languages" else "scopes"
        yield Finding(FindingCode.MISSING_FOR_PRODUCTION, Grade.NOTE, field, {"missing": found})


def _pkce_exception(case: LintInput) -> Iterator[Finding]:
    if case.registration.pkce_exception:
        yield Finding(FindingCode.PKCE_EXCEPTION, Grade.WARNING, "pkce_exception")


def _copied_reasons(case: LintInput) -> Iterator[Finding]:
    given = ((scope.reason or scope.reason_it).strip() for scope in case.registration.scopes)
    reasons = [reason.casefold() for reason in given if reason]
    if len(reasons) > 2 and len(set(reasons)) == 1:
        yield Finding(FindingCode.COPIED_REASONS, Grade.NOTE, "scopes")


def _reading_and_writing(case: LintInput) -> Iterator[Finding]:
    requested = {scope.name for scope in case.registration.scopes}
    for resource in catalog.current().api.values():
        if {resource.scope, resource.read_scope} <= requested:
            found = {"scope": resource.scope, "narrower": resource.read_scope}
            yield Finding(FindingCode.READING_AND_WRITING, Grade.NOTE, "scopes", found)


def _only_read(case: LintInput) -> Iterator[Finding]:
    requested = {scope.name for scope in case.registration.scopes}
    for name, resource in catalog.current().api.items():
        if name in case.only_read and resource.read_scope and resource.scope in requested:
            found = {"scope": resource.scope, "narrower": resource.read_scope}
            yield Finding(FindingCode.ONLY_READ, Grade.NOTE, "scopes", found)


def _claims_without_scope(case: LintInput) -> Iterator[Finding]:
    scopes = {scope.name for scope in case.registration.scopes}
    for name in ("profile", "email"):
        if (name in scopes) != (name in case.registration.claims):
            code = FindingCode.SCOPE_WITHOUT_CLAIMS if name in scopes else FindingCode.CLAIMS_WITHOUT_SCOPE
            yield Finding(code, Grade.NOTE, "claims", {"name": name})


def _unusual_scopes(case: LintInput) -> Iterator[Finding]:
    names, kinds = _UNUSUAL.get(case.registration.type, (set(), set()))
    known = catalog.current().scopes
    asked = [scope.name for scope in case.registration.scopes if scope.name in known]
    unusual = [name for name in asked if name in names or known[name].kind in kinds]
    if unusual:
        found = {"scopes": unusual, "type": case.registration.type}
        yield Finding(FindingCode.UNUSUAL_SCOPES, Grade.NOTE, "scopes", found)


def _unknown_developer(case: LintInput) -> Iterator[Finding]:
    if not case.reviewer:
        return
    if case.first_of_developer:
        yield Finding(FindingCode.FIRST_APPLICATION, Grade.NOTE, "publisher")
    sites = {hosts.site_of(host) for host in (*case.hosts, hosts.host_of(case.details.home_url)) if host}
    contacts = {hosts.site_of(address.rpartition("@")[2].lower()) for address in case.details.contacts}
    if sites and contacts and not sites & contacts:
        found = {"contacts": sorted(contacts), "sites": sorted(sites)}
        yield Finding(FindingCode.CONTACTS_ELSEWHERE, Grade.NOTE, "contacts", found)


RULES: tuple[Callable[[LintInput], Iterator[Finding]], ...] = (
    _widened,
    _sensitive_data,
    _pkce_exception,
    _unusual_scopes,
    _copied_reasons,
    _reading_and_writing,
    _only_read,
    _claims_without_scope,
    _missing_for_production,
    _unknown_developer,
)
