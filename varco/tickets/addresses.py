"""E-mail addresses that people name in tickets: one way to write each, and which of them are easily taken for another.

A domain beyond ASCII is kept as the network has it (`xn--…`, RFC 5890 §2.3.2.1), and the reviewer is shown both: a look-alike is told by its
letters, not by the eye. What stands before the @ is ASCII.
"""

import re
from enum import StrEnum

from django.utils.encoding import punycode

from varco import lookalike
from varco import text as visible
from varco.protocol.fault import Fault
from varco.tickets.errors import TicketFault

LONGEST = 254
# A dot-atom of RFC 5322 §3.2.3 at a host name of at least two labels.
_ATOM = r"[a-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL = r"[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?"
_ADDRESS = re.compile(rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?:{_LABEL}\.)+[a-z][a-z0-9-]*[a-z0-9]")


class Oddity(StrEnum):
    """What a reviewer should know of an address."""

    PUNYCODE = "punycode"
    PLUS = "plus"


def written(text: str) -> str:
    """An address as it is kept and compared: without blanks around it, in lower case, its domain in ASCII."""
    local, at, domain = text.strip().lower().rpartition("@")
    try:
        return f"{local}{at}{punycode(domain)}"
    except UnicodeError:
        return f"{local}{at}{domain}"


def fault_of(text: str) -> Fault | None:
    """What is wrong with an address; None for a sound one."""
    if visible.one_line(text.strip()):  # IDNA drops some of what cannot be seen
        return Fault(TicketFault.EMAIL)
    address = written(text)
    if not address.isascii():
        return Fault(TicketFault.EMAIL_NOT_ASCII)
    if len(address) > LONGEST or not _ADDRESS.fullmatch(address):
        return Fault(TicketFault.EMAIL)
    return None


def key(address: str) -> str:
    """What all addresses have in common that are one mailbox or look like one: no `+` suffix, no dots before the @, one letter for look-alikes."""
    local, _, domain = written(address).rpartition("@")
    local = local.partition("+")[0].replace(".", "")
    return lookalike.one_for_alike(f"{local}@{lookalike.latin(_in_letters(domain))}")[:LONGEST]


def without_suffix(address: str) -> str:
    """The address whose mailbox `name+anything@…` usually is."""
    local, _, domain = written(address).rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"


def oddities(address: str) -> list[Oddity]:
    """What is unusual about an address."""
    local, _, domain = written(address).rpartition("@")
    found = [Oddity.PUNYCODE] if any(label.startswith("xn--") for label in domain.split(".")) else []
    return [*found, Oddity.PLUS] if "+" in local else found


def in_letters(address: str) -> str:
    """The address with its domain in the letters that `xn--…` stands for."""
    local, _, domain = address.rpartition("@")
    return f"{local}@{_in_letters(domain)}"


def _in_letters(domain: str) -> str:
    labels = []
    for label in domain.split("."):
        try:
            labels.append(label.encode("ascii").decode("idna") if label.startswith("xn--") else label)
        except UnicodeError:
            labels.append(label)
    return ".".join(labels)
