"""Findings of `registry.lint` in words: what it is, why it matters, and what to do, for each code."""

from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from varco.portal.common import remark_words
from varco.registry.lint import Finding, FindingCode, Grade
from varco.registry.models import Revision

OF_A_KIND = 3  # findings of one kind that are shown


class Words(NamedTuple):
    """The words of one code, with places for its parameters."""

    title: Promise
    reason: Promise
    cure: Promise


WORDS: dict[FindingCode, Words] = {
    FindingCode.LOCAL_AND_PUBLIC: Words(
        _("Local and public redirect URIs in one registration"),
        _(
            "On a developer's own machine: %(local)s; on the internet: %(public)s. Whatever runs on that machine could receive the codes of real users."
        ),
        _("Register development separately, and take the local ones out here."),
    ),
    FindingCode.LOCAL_IN_PRODUCTION: Words(
        _("A production registration that leads to a local machine"),
        _("Users of a production application cannot come back to %(host)s."),
        _("Choose the environment “Development”, or enter the address that users reach."),
    ),
    FindingCode.SHARED_REDIRECT_URI: Words(
        _("A redirect URI already belongs to another application"),
        _("%(uri)s is registered for %(name)s too. An answer meant for one could be taken by the other."),
        _("Give each application a redirect URI of its own."),
    ),
    FindingCode.MIXED_ENVIRONMENTS: Words(
        _("Production and non-production would share one client"),
        _(
            "%(test)s looks like a test system, %(rest)s does not. Test systems are easier to break into: with one client for both, that would open production too."
        ),
        _("Register each environment of the product separately."),
    ),
    FindingCode.TEST_HOST_IN_PRODUCTION: Words(
        _("A production registration on a test system"),
        _("%(test)s looks like a test system."),
        _("If it is one, choose the environment “Staging” or “Development”."),
    ),
    FindingCode.HOST_OF_OTHER_ENVIRONMENT: Words(
        _("The same host serves production and another environment"),
        _("%(host)s is also used by “%(name)s”, which is registered for another environment."),
        _("Give each environment a host of its own, or choose the right environment."),
    ),
    FindingCode.SEVERAL_SITES: Words(
        _("Redirect URIs on different sites"),
        _("They are on %(sites)s: whoever loses one of these sites loses the codes of all."),
        _("If these are different products or run by different people, register each of its own."),
    ),
    FindingCode.ADDRESS_HOST: Words(
        _("A redirect URI leads to a bare IP address"),
        _("%(host)s: nobody can tell whose it is, and addresses change hands."),
        _("Use a host name that belongs to the publisher."),
    ),
    FindingCode.HOST_OF_OTHERS: Words(
        _("Another developer's application is on the same host"),
        _("%(host)s is a redirect host of %(name)s. Whoever runs that host can receive the codes of both."),
        _("Make sure whose the host is: use one of your own, or say in the description who works with whom."),
    ),
    FindingCode.PUBLIC_SUFFIX: Words(
        _("A redirect host under which anybody registers names"),
        _("%(host)s is a public suffix: no name of anybody's, but what names are given out under."),
        _("Enter the full host name of your application."),
    ),
    FindingCode.SHARED_HOST: Words(
        _("A redirect host that everybody shares"),
        _("At %(host)s anybody can publish, or sees what arrives: the codes of users would be theirs to read."),
        _("Use a host of your own. To try things out, register development separately."),
    ),
    FindingCode.HANDED_OUT_HOST: Words(
        _("A redirect host under a shared name"),
        _(
            "Names under %(suffix)s are handed out to anybody. When %(host)s is given up, the next to take it receives the codes of your users."
        ),
        _("Put a domain of your own in front of it before production."),
    ),
    FindingCode.POSING_HOST: Words(
        _("A redirect host that passes for another one"),
        _("%(host)s reads as “%(reads)s”, with letters of another script that look like ours."),
        _("Use a host name whose letters are all of one script."),
    ),
    FindingCode.PUNYCODE_HOST: Words(
        _("A redirect host with letters beyond ASCII"),
        _("%(host)s reads as “%(reads)s”."),
        _("Make sure that it is the name you mean."),
    ),
    FindingCode.REDIRECTS_OF_DAEMON: Words(
        _("A daemon or device with redirect URIs"),
        _("It has no browser that could come back: people confirm on another device."),
        _("Take them out, or choose the kind of application that has a browser."),
    ),
    FindingCode.VENDOR_NAME: Words(
        _("The name or publisher reads like “%(vendor)s”"),
        _("People could take the application for one of %(vendor)s's own."),
        _("Choose a name of your own. What it works with can stand in the description."),
    ),
    FindingCode.NAME_TAKEN: Words(
        _("Another application has the same name"),
        _("People could not tell the two apart on the consent page."),
        _("Add what is yours alone, such as the publisher."),
    ),
    FindingCode.NAME_LOOKS_ALIKE: Words(
        _("The name looks like that of another application"),
        _("People could take it for “%(other)s”."),
        _("Choose a name that differs by words, not by signs that look alike."),
    ),
    FindingCode.MIXED_SCRIPTS: Words(
        _("A word with letters of two scripts"),
        _("“%(word)s” mixes letters that look the same and are not: it reads like another word."),
        _("Write it with the letters of one script."),
    ),
    FindingCode.DIRECTION_MARKS: Words(
        _("Hidden marks change the direction of writing"),
        _("What people read would not be what stands there."),
        _("Type the text again instead of pasting it."),
    ),
    FindingCode.SECRET_IN_TEXT: Words(
        _("Something that looks like a secret"),
        _("Reviewers and users read this text, and it is kept. A secret or private key in it is one no longer."),
        _("Take it out, and replace the secret wherever it is used."),
    ),
    FindingCode.NEW_SCOPES: Words(
        _("It asks for more than what is in force"),
        _("New: %(scopes)s. Users are asked for consent again."),
        _("Leave out what the change does not need."),
    ),
    FindingCode.NEW_HOSTS: Words(
        _("Codes would go to a new host"),
        _("New: %(hosts)s."),
        _("Make sure that it belongs to the publisher."),
    ),
    FindingCode.NO_PRIVACY_POLICY: Words(
        _("No privacy policy"),
        _("The application asks for clinic data; people should be able to read what becomes of it."),
        _("Enter the address of the privacy policy."),
    ),
    FindingCode.PKCE_EXCEPTION: Words(
        _("It cannot use PKCE"),
        _(
            "It asks to send nonce instead. Then nobody but the application itself notices a stolen code: its library must compare the nonce of each ID token with the one it sent."
        ),
        _("Most libraries can do PKCE in a newer version: use one that can."),
    ),
    FindingCode.PUBLIC_OFFLINE: Words(
        _("Long-lived access to sensitive data without a client secret"),
        _("This type of application cannot keep a secret, and it asks to stay connected with %(scopes)s."),
        _("Leave out offline_access if it can ask people to sign in again."),
    ),
    FindingCode.SENSITIVE_SCOPES: Words(
        _("It asks for sensitive data"),
        _("It wants %(scopes)s."),
        _("Does each reason say why the application cannot do without?"),
    ),
    FindingCode.UNUSUAL_SCOPES: Words(
        _("Scopes that this kind of application hardly needs"),
        _("%(scopes)s is unusual for the kind “%(type)s”."),
        _("Leave it out, or say in its reason what it is for."),
    ),
    FindingCode.COPIED_REASONS: Words(
        _("The same reason for every scope"),
        _("A reason of its own for each scope makes the review faster, and people read it when they are asked."),
        _("Write for each scope what the application does with it."),
    ),
    FindingCode.READING_AND_WRITING: Words(
        _("The same data twice, once for reading alone"),
        _("%(scope)s lets it read too."),
        _("Ask for %(narrower)s instead if it only reads, or leave that out."),
    ),
    FindingCode.ONLY_READ: Words(
        _("For 60 days it has only read"),
        _("%(scope)s lets it change data too, and it has changed none."),
        _("Ask for %(narrower)s instead, if it is to go on so."),
    ),
    FindingCode.SCOPE_WITHOUT_CLAIMS: Words(
        _("Claims and scopes do not fit together"),
        _("The scope %(name)s is asked for, but the claims “%(name)s” are not: the scope would give nothing."),
        _("Ask for the claims as well, or leave out the scope."),
    ),
    FindingCode.CLAIMS_WITHOUT_SCOPE: Words(
        _("Claims and scopes do not fit together"),
        _("The claims “%(name)s” are asked for without the scope %(name)s, by which an application gets them."),
        _("Ask for the scope as well, or leave out the claims."),
    ),
    FindingCode.MISSING_FOR_PRODUCTION: Words(
        _("Production will ask for more"),
        _("Missing: %(missing)s."),
        _("Add it before you submit a registration for production."),
    ),
    FindingCode.ONE_LANGUAGE: Words(
        _("Something is said in one language only"),
        _("Whoever reads the other language gets a reason or the description in a foreign one, marked as such."),
        _("Write each of them in English and in Italian."),
    ),
    FindingCode.FIRST_APPLICATION: Words(
        _("The developer's first application"),
        _("Nothing of this developer has been approved before."),
        _("Make sure of who publishes it."),
    ),
    FindingCode.CONTACTS_ELSEWHERE: Words(
        _("Contacts and application are on different domains"),
        _("Contacts: %(contacts)s. Application: %(sites)s."),
        _("Make sure that the contacts speak for the publisher."),
    ),
}
GRADES: dict[Grade, Promise] = {Grade.BLOCKER: _("Blocker"), Grade.WARNING: _("Warning"), Grade.NOTE: _("Note")}


_ASKED: dict[str, Promise] = {
    "description": _("the description"),
    "privacy_url": _("the privacy policy"),
    "languages": _("each reason and description in both languages"),
}


@dataclass(frozen=True, slots=True)
class WordedFinding:
    """A finding as the pages show it. `link` leads to its field, where there is one to go to."""

    grade: Grade
    grade_label: str
    title: str
    reason: str
    cure: str
    separate: bool
    field: str
    label: str
    link: str


def worded(findings: Iterable[Finding], link: Callable[[str], str] = lambda _field: "") -> list[WordedFinding]:
    """Word findings in the reader's language, in their order. `link` gives the address of a field."""
    labels = remark_words.labels()
    return [_worded(finding, labels, link) for finding in findings]


def first_of_each(findings: Sequence[Finding]) -> list[Finding]:
    """The first few of each kind: an address may be that of fifty other applications."""
    kinds: Counter[str] = Counter()
    shown = []
    for finding in findings:
        kinds[finding.code] += 1
        if kinds[finding.code] <= OF_A_KIND:
            shown.append(finding)
    return shown


def _worded(finding: Finding, labels: dict[str, str], link: Callable[[str], str]) -> WordedFinding:
    values = {name: value if isinstance(value, str) else ", ".join(value) for name, value in finding.parameters.items()}
    if "name" in values:
        # The name of another developer's application is not told.
        values["name"] = values["name"] or gettext("another developer's application")
    if values.get("type") in Revision.Type.values:
        values["type"] = str(Revision.Type(values["type"]).label)
    if finding.code == FindingCode.MISSING_FOR_PRODUCTION:
        values["missing"] = ", ".join(str(_ASKED.get(name, name)) for name in finding.parameters["missing"])
    words = WORDS[finding.code]
    title, reason, cure = (str(text) % values for text in words)
    plain = "scopes" if finding.field.startswith("reason") else finding.field
    return WordedFinding(
        finding.grade,
        str(GRADES[finding.grade]),
        title,
        reason,
        cure,
        finding.separate,
        finding.field,
        labels.get(plain, plain),
        link(finding.field),
    )
