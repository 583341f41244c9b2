"""E-mail addresses in the one form in which accounts are kept, and the mailbox that several of them may lead to.

A domain is kept in ASCII (RFC 5890 §2.3.2.1), so that one address has one account however it is spelled, and a look-alike shows
its `xn--`. The part before the `@` stays as it is but for its case: whose `ada+clinic@` is, its mail server alone knows.
"""

from django.utils.encoding import punycode

NOWHERE = ".invalid"
"""How a domain ends to which no mail can go (RFC 2606 §2)."""


def canonical(email: str) -> str:
    """The form in which an address is kept and looked for; of something that is no address, a text that no account has."""
    local, at, domain = email.strip().lower().rpartition("@")
    try:
        return f"{local}{at}{punycode(domain)}"
    except UnicodeError:
        return f"{local}{at}{domain}"


def mailbox(email: str) -> str:
    """The address without what follows a `+`: floods of mail are counted by it, as all those addresses are often one mailbox's."""
    local, at, domain = canonical(email).rpartition("@")
    return f"{local.partition('+')[0]}{at}{domain}"


def reaches_somebody(email: str) -> bool:
    """Whether mail to an address can arrive anywhere: invented people and closed accounts have none that does."""
    return not canonical(email).endswith(NOWHERE)
