"""Rules about where people come back to."""

from collections.abc import Callable, Iterator

from varco.registry import hosts
from varco.registry.lint.model import Finding, FindingCode, Grade, LintInput


def _local_and_public(case: LintInput) -> Iterator[Finding]:
    local = [host for host in case.hosts if hosts.is_local(host)]
    # A native application comes back to the person's own machine by design (RFC 8252 §7.3).
    if case.registration.type == "native" or not local:
        return
    public = case.public_hosts
    if public:
        found = {"local": local, "public": public}
        yield Finding(FindingCode.LOCAL_AND_PUBLIC, Grade.BLOCKER, "redirect_uris", found, separate=True)
    elif case.registration.environment == "production":
        yield Finding(FindingCode.LOCAL_IN_PRODUCTION, Grade.BLOCKER, "redirect_uris", {"host": local})


def _shared_redirect_uri(case: LintInput) -> Iterator[Finding]:
    for uri in case.registration.redirect_uris:
        for other in case.neighbours:
            if uri not in other.redirect_uris or hosts.is_local(hosts.host_of(uri)):
                continue
            # Whose it is, another developer is not told.
            name = other.name if case.reviewer or other.own else ""
            yield Finding(
                FindingCode.SHARED_REDIRECT_URI,
                Grade.WARNING if other.own else Grade.BLOCKER,
                "redirect_uris",
                {"uri": uri, "name": name},
                separate=other.own,
            )


def _mixed_environments(case: LintInput) -> Iterator[Finding]:
    test = [host for host in case.public_hosts if hosts.looks_like_test(host)]
    rest = [host for host in case.public_hosts if host not in test]
    production = case.registration.environment == "production"
    if test and rest:
        grade = Grade.BLOCKER if production else Grade.WARNING
        found = {"test": test, "rest": rest}
        yield Finding(FindingCode.MIXED_ENVIRONMENTS, grade, "redirect_uris", found, separate=True)
    elif test and production:
        yield Finding(FindingCode.TEST_HOST_IN_PRODUCTION, Grade.WARNING, "environment", {"test": test})


def _host_of_other_environment(case: LintInput) -> Iterator[Finding]:
    for other in case.neighbours:
        if not other.own or other.environment == case.registration.environment:
            continue
        shared = sorted(set(case.hosts) & set(map(hosts.host_of, other.redirect_uris)))
        shared = [host for host in shared if not hosts.is_local(host)]
        if shared and "production" in {other.environment, case.registration.environment}:
            found = {"host": shared, "name": other.name}
            yield Finding(FindingCode.HOST_OF_OTHER_ENVIRONMENT, Grade.WARNING, "environment", found)


def _several_sites(case: LintInput) -> Iterator[Finding]:
    sites = sorted({hosts.site_of(host) for host in case.public_hosts})
    if len(sites) > 1:
        yield Finding(FindingCode.SEVERAL_SITES, Grade.NOTE, "redirect_uris", {"sites": sites}, separate=True)


def _address_instead_of_name(case: LintInput) -> Iterator[Finding]:
    for host in case.public_hosts:
        if hosts.is_address(host):
            yield Finding(FindingCode.ADDRESS_HOST, Grade.WARNING, "redirect_uris", {"host": host})


def _host_of_others(case: LintInput) -> Iterator[Finding]:
    for host in case.public_hosts:
        if hosts.is_shared_by_all(host):
            continue
        for other in case.neighbours:
            here = {uri for uri in other.redirect_uris if hosts.host_of(uri) == host}
            # One at the very same address is told by `_shared_redirect_uri`.
            if not other.own and here and not here & set(case.registration.redirect_uris):
                found = {"host": host, "name": other.name if case.reviewer else ""}
                yield Finding(FindingCode.HOST_OF_OTHERS, Grade.WARNING, "redirect_uris", found)


def _whose_host(case: LintInput) -> Iterator[Finding]:
    production = case.registration.environment == "production"
    for host in case.public_hosts:
        if hosts.is_shared_by_all(host):
            grade = Grade.BLOCKER if production else Grade.WARNING
            yield Finding(FindingCode.SHARED_HOST, grade, "redirect_uris", {"host": host})
        elif hosts.is_public_suffix(host):
            yield Finding(FindingCode.PUBLIC_SUFFIX, Grade.BLOCKER, "redirect_uris", {"host": host})
        elif suffix := hosts.shared_suffix(host):
            grade = Grade.WARNING if production else Grade.NOTE
            found = {"host": host, "suffix": suffix}
            yield Finding(FindingCode.HANDED_OUT_HOST, grade, "redirect_uris", found)


def _letters_of_host(case: LintInput) -> Iterator[Finding]:
    for host in case.public_hosts:
        reads = hosts.in_letters(host)
        if reads.isascii():
            continue
        posing = hosts.poses_as_another(host)
        code = FindingCode.POSING_HOST if posing else FindingCode.PUNYCODE_HOST
        grade = Grade.BLOCKER if posing else Grade.NOTE
        yield Finding(code, grade, "redirect_uris", {"host": host, "reads": reads})


def _redirects_of_daemon(case: LintInput) -> Iterator[Finding]:
    if case.registration.type != "device":
        return
    for field, grade in (("redirect_uris", Grade.BLOCKER), ("post_logout_redirect_uris", Grade.WARNING)):
        if getattr(case.registration, field):
            yield Finding(FindingCode.REDIRECTS_OF_DAEMON, grade, field)


RULES: tuple[Callable[[LintInput], Iterator[Finding]], ...] = (
    _local_and_public,
    _shared_redirect_uri,
    _host_of_others,
    _whose_host,
    _letters_of_host,
    _redirects_of_daemon,
    _mixed_environments,
    _host_of_other_environment,
    _address_instead_of_name,
    _several_sites,
)
