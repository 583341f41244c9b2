"""What a rule looks at, and what it finds."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum, StrEnum

from varco.registry import hosts
from varco.registry.registration import Details, Registration


class Grade(IntEnum):
    """How much a finding weighs; the order of the list."""

    BLOCKER = 3  # not approved unless a person is convinced, whatever a policy says
    WARNING = 2
    NOTE = 1


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
    HOST_OF_OTHERS = "host_of_others"
    PUBLIC_SUFFIX = "public_suffix"
    SHARED_HOST = "shared_host"
    HANDED_OUT_HOST = "handed_out_host"
    POSING_HOST = "posing_host"
    PUNYCODE_HOST = "punycode_host"
    REDIRECTS_OF_DAEMON = "redirects_of_daemon"
    VENDOR_NAME = "vendor_name"
    NAME_TAKEN = "name_taken"
    NAME_LOOKS_ALIKE = "name_looks_alike"
    MIXED_SCRIPTS = "mixed_scripts"
    DIRECTION_MARKS = "direction_marks"
    SECRET_IN_TEXT = "secret_in_text"  # noqa: S105 - a name
    NEW_SCOPES = "new_scopes"
    NEW_HOSTS = "new_hosts"
    NO_PRIVACY_POLICY = "no_privacy_policy"
    PUBLIC_OFFLINE = "public_offline"
    PKCE_EXCEPTION = "pkce_exception"
    SENSITIVE_SCOPES = "sensitive_scopes"
    UNUSUAL_SCOPES = "unusual_scopes"
    COPIED_REASONS = "copied_reasons"
    ONLY_READ = "only_read"
    READING_AND_WRITING = "reading_and_writing"
    SCOPE_WITHOUT_CLAIMS = "scope_without_claims"
    CLAIMS_WITHOUT_SCOPE = "claims_without_scope"
    MISSING_FOR_PRODUCTION = "missing_for_production"
    ONE_LANGUAGE = "one_language"
    FIRST_APPLICATION = "first_application"
    CONTACTS_ELSEWHERE = "contacts_elsewhere"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to look at. `separate` says that another registration is the usual answer (S14)."""

    code: FindingCode
    grade: Grade
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
    only_read: frozenset[str] = frozenset()  # resources of the API that it read for long and never changed

    @property
    def hosts(self) -> tuple[str, ...]:
        """Hosts of the redirect URIs, each once."""
        return tuple(dict.fromkeys(filter(None, map(hosts.host_of, self.registration.redirect_uris))))

    @property
    def public_hosts(self) -> tuple[str, ...]:
        """Those of them that are not the person's own machine."""
        return tuple(host for host in self.hosts if not hosts.is_local(host))

    @property
    def texts(self) -> Iterator[tuple[str, str]]:
        """All that people write freely, by the field of the form."""
        for name in ("name", "publisher", "product", "description", "description_it"):
            yield name, getattr(self.details, name)
        yield "pkce_exception", self.registration.pkce_exception
        for scope in self.registration.scopes:
            yield f"reason:{scope.name}", scope.reason
            yield f"reason_it:{scope.name}", scope.reason_it
