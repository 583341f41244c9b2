"""What pages show of a ticket: its chips, its facts by the fields of its kind, its thread; and a file of it."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.utils.http import content_disposition_header
from django.utils.translation import gettext as _

from varco.audit.services import record
from varco.audit.tags import Tag
from varco.portal.common import ticket_words
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.tickets import addresses, content, files, kinds, queries
from varco.tickets.access import Side
from varco.tickets.fields import Asker, FieldType
from varco.tickets.models import Attachment, Entry, Ticket

FILE_POLICY = "default-src 'none'; sandbox; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class Chip:
    """A status in words and colour."""

    kind: str
    text: object
    icon: str = ""


@dataclass(frozen=True, slots=True)
class Said:
    """An entry of a thread as it is shown. `part` is its author's, in words."""

    entry: Entry
    title: str
    part: str
    kind: str
    files: list[Attachment]


def chips(ticket: Ticket) -> list[Chip]:
    """Where a ticket stands: what became of it, else whose turn it is, and the clock."""
    found = []
    if ticket.outcome:
        found.append(Chip(*ticket_words.OUTCOMES[ticket.outcome]))
    if not ticket.outcome or ticket.state != Ticket.State.CLOSED:
        found.append(Chip(*ticket_words.STATES[ticket.state]))
    return found


def clock_chip(ticket: Ticket) -> Chip | None:
    """How the clock of a ticket stands."""
    state = getattr(queries.clock_of(ticket), "state", "")
    return {"late": Chip("danger", _("Overdue"), "clock"), "soon": Chip("waiting", _("Due soon"))}.get(state)


def facts(ticket: Ticket) -> list[tuple[object, str]]:
    """What was entered in its form: label and value, in the order of the form."""
    kind, words = kinds.BY_CODE.get(ticket.kind), ticket_words.KINDS.get(ticket.kind)
    if kind is None or words is None:
        return []
    asker = Asker(ticket.opener) if ticket.opener else None
    shown: list[tuple[object, str]] = []
    for declared in kind.fields:
        value = ticket.details.get(declared.name)
        if value in (None, "", []):
            continue
        labels: dict[str, object] = dict(words.fields[declared.name].choices)
        if declared.type in {FieldType.CHOICE, FieldType.CHOICES} and asker:
            labels |= {each.value: each.label for each in declared.choices(asker) if each.label}
        values = value if isinstance(value, list) else [value]
        text = _("Yes") if value is True else ", ".join(str(labels.get(each, each)) for each in values)
        shown.append((words.fields[declared.name].label, text))
    return shown


def thread(entries: Iterable[Entry]) -> list[Said]:
    """Entries as they are shown."""
    return [_said(entry) for entry in entries]


def _said(entry: Entry) -> Said:
    parts: dict[str, str] = {Side.STAFF: settings.VARCO.vendor, Side.CLINIC: _("manages the medical centre")}
    part = parts.get(entry.side, "")
    attached = list(entry.attachments.all())
    if entry.sort == Entry.Sort.NOTE:
        return Said(entry, _("Internal note"), part, "waiting", attached)
    if entry.sort == Entry.Sort.MESSAGE:
        title = entry.author_name or _("Somebody without an account by now")
        return Said(entry, title, part, "info", attached)
    act = "unassigned" if entry.act == "assigned" and not entry.detail.get("to") else entry.act
    words = str(ticket_words.ACTS.get(act, act))
    title = words % entry.detail if "%(" in words else words
    done = ticket_words.DONE.get(str(entry.detail.get("done", "")))
    kinds_of_acts = {"approved": "success", "refused": "danger", "denied": "danger", "confirmed": "success"}
    return Said(entry, f"{title}. {done}" if done else title, part, kinds_of_acts.get(entry.act, ""), attached)


def about(email: str) -> dict[str, Any]:
    """What is unusual about an address, for whoever decides."""
    odd = addresses.oddities(email) if email else []
    return {
        "punycode": addresses.in_letters(email) if addresses.Oddity.PUNYCODE in odd else "",
        "without_suffix": addresses.without_suffix(email) if addresses.Oddity.PLUS in odd else "",
    }


def file_response(request: SignedInRequest, ticket: Ticket, found: Attachment | None) -> HttpResponse:
    """A file to be saved, never shown in the browser: whatever is in it, it runs nowhere here. Who saved it is recorded."""
    kept = files.read(found.stored, found.sha256) if found else None
    if found is None or kept is None:
        raise Http404
    record(Tag.TICKET_ATTACHMENT_READ, origin(request), tenant=ticket.tenant, number=ticket.number, file=found.pk)
    response = HttpResponse(kept, content_type=content.TYPES[found.type].media)
    response["Content-Disposition"] = (
        content_disposition_header(as_attachment=True, filename=found.name) or "attachment"
    )
    response["Content-Security-Policy"] = FILE_POLICY
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return response
