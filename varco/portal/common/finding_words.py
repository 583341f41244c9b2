"""Findings of `registry.lint` in words: a title and a sentence for each code."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varco.registry.lint import Finding, FindingCode, Risk

WORDS: dict[FindingCode, tuple[Promise, Promise]] = {
    FindingCode.LOCAL_AND_PUBLIC: (
        _("Local and public redirect URIs in one registration"),
        _(
            "On a developer's own machine: %(local)s; on the internet: %(public)s. Whatever runs on that machine could receive the codes of real users. Register development separately."
        ),
    ),
    FindingCode.LOCAL_IN_PRODUCTION: (
        _("A production registration that leads to a local machine"),
        _("Users of a production application cannot come back to %(host)s. Choose the environment “Development”."),
    ),
    FindingCode.SHARED_REDIRECT_URI: (
        _("A redirect URI already belongs to another application"),
        _(
            "%(uri)s is registered for %(name)s too. An answer meant for one could be taken by the other: give each application a redirect URI of its own."
        ),
    ),
    FindingCode.MIXED_ENVIRONMENTS: (
        _("Production and non-production would share one client"),
        _(
            "%(test)s looks like a test system, %(rest)s does not. Test systems are easier to break into: with one client for both, that would open production too."
        ),
    ),
    FindingCode.TEST_HOST_IN_PRODUCTION: (
        _("A production registration on a test system"),
        _("%(test)s looks like a test system. If it is one, choose the environment “Staging” or “Development”."),
    ),
    FindingCode.HOST_OF_OTHER_ENVIRONMENT: (
        _("The same host serves production and another environment"),
        _("%(host)s is also used by “%(name)s”, which is registered for another environment."),
    ),
    FindingCode.SEVERAL_SITES: (
        _("Redirect URIs on different sites"),
        _("%(sites)s: if these are different products or run by different people, each needs its own registration."),
    ),
    FindingCode.ADDRESS_HOST: (
        _("A redirect URI leads to a bare IP address"),
        _("%(host)s: nobody can tell whose it is, and addresses change hands."),
    ),
    FindingCode.VENDOR_NAME: (
        _("The name or publisher contains “%(vendor)s”"),
        _("People could take the application for one of %(vendor)s's own."),
    ),
    FindingCode.NAME_TAKEN: (
        _("Another application has the same name"),
        _("People could not tell the two apart on the consent page."),
    ),
    FindingCode.NEW_SCOPES: (
        _("It asks for more than what is in force"),
        _("New: %(scopes)s. Users are asked for consent again."),
    ),
    FindingCode.NEW_HOSTS: (
        _("Codes would go to a new host"),
        _("New: %(hosts)s. Make sure that it belongs to the publisher."),
    ),
    FindingCode.NO_PRIVACY_POLICY: (
        _("No privacy policy"),
        _("The application asks for clinic data; people should be able to read what becomes of it."),
    ),
    FindingCode.PKCE_EXCEPTION: (
        _("It cannot use PKCE"),
        _(
            "It asks to send nonce instead. Then nobody but the application itself notices a stolen code: its library must compare the nonce of each ID token with the one it sent. Most libraries can do PKCE in a newer version."
        ),
    ),
    FindingCode.PUBLIC_OFFLINE: (
        _("Long-lived access to sensitive data without a client secret"),
        _(
            "This type of application cannot keep a secret, and it asks to stay connected with %(scopes)s. Leave out offline_access if it can ask people to sign in again."
        ),
    ),
    FindingCode.SENSITIVE_SCOPES: (
        _("It asks for sensitive data"),
        _("%(scopes)s. Does each reason say why the application cannot do without?"),
    ),
    FindingCode.COPIED_REASONS: (
        _("The same reason for every scope"),
        _("A reason of its own for each scope makes the review faster, and people read it when they are asked."),
    ),
    FindingCode.READING_AND_WRITING: (
        _("The same data twice, once for reading alone"),
        _("%(scope)s lets it read too. Ask for %(narrower)s instead if it only reads, or leave that out."),
    ),
    FindingCode.SCOPE_WITHOUT_CLAIMS: (
        _("Claims and scopes do not fit together"),
        _("The scope %(name)s is asked for, but the claims “%(name)s” are not: the scope would give nothing."),
    ),
    FindingCode.CLAIMS_WITHOUT_SCOPE: (
        _("Claims and scopes do not fit together"),
        _("The claims “%(name)s” are asked for without the scope %(name)s, by which an application gets them."),
    ),
    FindingCode.FIRST_APPLICATION: (
        _("The developer's first application"),
        _("Nothing of this developer has been approved before. Make sure of who publishes it."),
    ),
    FindingCode.CONTACTS_ELSEWHERE: (
        _("Contacts and application are on different domains"),
        _("Contacts: %(contacts)s. Application: %(sites)s."),
    ),
}


@dataclass(frozen=True, slots=True)
class WordedFinding:
    """A finding as the pages show it."""

    risk: Risk
    title: str
    text: str
    separate: bool


def worded(findings: Iterable[Finding]) -> list[WordedFinding]:
    """Word findings in the reader's language, in their order."""
    return [_worded(finding) for finding in findings]


def _worded(finding: Finding) -> WordedFinding:
    values = {name: value if isinstance(value, str) else ", ".join(value) for name, value in finding.parameters.items()}
    if "name" in values:
        # The name of another developer's application is not told.
        values["name"] = values["name"] or gettext("another developer's application")
    title, text = WORDS[finding.code]
    return WordedFinding(finding.risk, str(title) % values, str(text) % values, finding.separate)
