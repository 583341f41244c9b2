"""Applications, revisions and events as pages show them; the operators' pages use it too."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from varco.audit.models import Event
from varco.audit.tags import Tag
from varco.portal.common import registration_difference
from varco.registry.models import Application, Revision
from varco.registry.reasons import Reason

EVENTS_PER_PAGE = 10  # of a timeline

REVISION_KINDS: dict[str, str] = {
    Revision.State.DRAFT: "neutral",
    Revision.State.SUBMITTED: "waiting",
    Revision.State.CHANGES_REQUESTED: "waiting",
    Revision.State.REJECTED: "danger",
    Revision.State.WITHDRAWN: "neutral",
    Revision.State.APPROVED: "success",
}
APPLICATION_KINDS: dict[str, str] = {
    Application.State.PENDING: "neutral",
    Application.State.ACTIVE: "success",
    Application.State.SUSPENDED: "danger",
    Application.State.RETIRED: "neutral",
}


@dataclass(frozen=True, slots=True)
class Chip:
    """A status: its kind (colour and icon) and its words."""

    kind: str
    text: str


def chips(application: Application, latest: Revision | None) -> list[Chip]:
    """Where an application stands, and beside it what becomes of a revision that is not in force."""
    found = []
    if application.state != Application.State.PENDING:
        found.append(Chip(APPLICATION_KINDS[application.state], application.get_state_display()))
    over = latest is None or latest.pk == application.live_revision_id or application.state == Application.State.RETIRED
    # What came to nothing after an approval is history, not status.
    past = latest and application.client_id and latest.state in {Revision.State.WITHDRAWN, Revision.State.REJECTED}
    if latest and not over and not past:
        found.append(revision_chip(latest))
    return found


def revision_chip(revision: Revision) -> Chip:
    """The state of a revision."""
    return Chip(REVISION_KINDS[revision.state], revision.get_state_display())


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a timeline, as the tag `timeline` shows it."""

    at_ms: int
    title: str
    actor: str
    text: str
    kind: str


# What a developer may see of an application: acts on the application itself, none of which names its users.
_TITLES: dict[Tag, tuple[str, Promise]] = {
    Tag.APPLICATION_CREATED: ("neutral", gettext_lazy("Registration begun")),
    Tag.APPLICATION_EDITED: ("neutral", gettext_lazy("Details changed")),
    Tag.APPLICATION_CONTACT_ASKED: ("neutral", gettext_lazy("A code was sent to the contact %(label)s")),
    Tag.APPLICATION_CONTACT_CONFIRMED: ("success", gettext_lazy("Contact %(label)s confirmed")),
    Tag.APPLICATION_LOGO_CHANGED: ("neutral", gettext_lazy("Logo changed")),
    Tag.APPLICATION_KEYS_READ: ("neutral", gettext_lazy("Keys read at %(address)s, to try them")),
    Tag.APPLICATION_REVISED: ("neutral", gettext_lazy("Revision %(revision)s begun")),
    Tag.APPLICATION_SUBMITTED: ("waiting", gettext_lazy("Revision %(revision)s submitted for review")),
    Tag.APPLICATION_WITHDRAWN: ("neutral", gettext_lazy("Revision %(revision)s withdrawn")),
    Tag.APPLICATION_APPROVED: ("success", gettext_lazy("Revision %(revision)s approved and in force")),
    Tag.APPLICATION_FIRST_APPROVED: ("waiting", gettext_lazy("First of two approvals of revision %(revision)s")),
    Tag.APPLICATION_QUESTIONED: ("waiting", gettext_lazy("The reviewer asked something about revision %(revision)s")),
    Tag.APPLICATION_ANSWERED: ("neutral", gettext_lazy("The developer wrote about revision %(revision)s")),
    Tag.APPLICATION_CHANGES_REQUESTED: ("waiting", gettext_lazy("Changes requested in revision %(revision)s")),
    Tag.APPLICATION_REJECTED: ("danger", gettext_lazy("Revision %(revision)s rejected")),
    Tag.APPLICATION_SUSPENDED: ("danger", gettext_lazy("Application suspended")),
    Tag.APPLICATION_RESTORED: ("success", gettext_lazy("Application restored")),
    Tag.APPLICATION_RETIRED: ("neutral", gettext_lazy("Application retired")),
    Tag.APPLICATION_TRANSFER_OFFERED: ("waiting", gettext_lazy("Offered to the team “%(label)s”")),
    Tag.APPLICATION_TRANSFER_WITHDRAWN: ("neutral", gettext_lazy("Offer to the team “%(label)s” taken back")),
    Tag.APPLICATION_TRANSFER_DECLINED: ("neutral", gettext_lazy("The team “%(label)s” declined it")),
    Tag.APPLICATION_TRANSFERRED: ("info", gettext_lazy("Handed over to the team “%(label)s”")),
    Tag.APPLICATION_PKCE_CHANGED: ("info", gettext_lazy("PKCE rule changed")),
    Tag.APPLICATION_TENANT_ADDED: ("info", gettext_lazy("Medical centre “%(label)s” added to the list")),
    Tag.APPLICATION_TENANT_REMOVED: ("info", gettext_lazy("Medical centre “%(label)s” taken off the list")),
    Tag.SECRET_CREATED: ("info", gettext_lazy("Secret “%(label)s” created")),
    Tag.SECRET_REVOKED: ("info", gettext_lazy("Secret “%(label)s” revoked")),
    Tag.APPLICATION_DEPRECATION_TOLD: ("waiting", gettext_lazy("Told of deprecated operations that it uses")),
    Tag.SECRET_LEAKED: ("danger", gettext_lazy("Secret “%(label)s” leaked and replaced")),
    Tag.STREAM_CREATED: ("info", gettext_lazy("Stream of signals made")),
    Tag.STREAM_CHANGED: ("info", gettext_lazy("Stream of signals changed")),
    Tag.STREAM_REMOVED: ("info", gettext_lazy("Stream of signals removed")),
    Tag.SIGNAL_UNDELIVERED: ("danger", gettext_lazy("A signal could not be delivered and was given up")),
    Tag.SECRET_OVERLAP_BEGUN: ("info", gettext_lazy("Signs with keys now; its secrets are taken for a while longer")),
    Tag.SECRET_OVERLAP_MOVED: ("info", gettext_lazy("Another day set on which its secrets end")),
    Tag.SECRET_OVERLAP_ENDED: ("info", gettext_lazy("Secrets ended: it authenticates with keys alone")),
    Tag.REFRESH_REUSED: ("danger", gettext_lazy("A refresh token was used a second time, so its grant was ended")),
    Tag.CODE_REPLAYED: ("danger", gettext_lazy("An authorization code was used a second time, so its grant was ended")),
}
TIMELINE_TAGS = tuple(_TITLES)
# Of these the actor is a user of the application or nobody: the timeline shows none.
_NAMELESS = frozenset({Tag.REFRESH_REUSED, Tag.CODE_REPLAYED})

DETAIL_LABELS: dict[str, Promise] = {
    "name": gettext_lazy("Name"),
    "publisher": gettext_lazy("Publisher"),
    "product": gettext_lazy("Product"),
    "description": gettext_lazy("Description"),
    "description_it": gettext_lazy("Description in Italian"),
    "contacts": gettext_lazy("Contacts"),
    "home_url": gettext_lazy("Home page"),
    "privacy_url": gettext_lazy("Privacy policy"),
}


def timeline(events: Iterable[Event]) -> list[Entry]:
    """Events as entries, in their order; an event without a title here is left out."""
    entries = []
    for event in events:
        try:
            tag = Tag(event.tag)
            kind, title = _TITLES[tag]
        except (ValueError, KeyError):
            continue
        values = {name: event.detail.get(name, "") for name in ("revision", "label")}
        actor = "" if tag in _NAMELESS else _actor(event)
        entries.append(Entry(event.at, str(title) % values, actor, _text(tag, event.detail), kind))
    return entries


def _actor(event: Event) -> str:
    return _("by policy") if event.actor.startswith("policy:") else event.actor_name


def _text(tag: Tag, detail: dict[str, object]) -> str:
    """What an event says beyond its title: reasons in words, the reviewer's text, values before and after."""
    parts = [reason for code in _listed(detail.get("codes")) if (reason := reason_label(str(code)))]
    remarks = detail.get("remarks")
    if isinstance(remarks, dict):
        parts += [f"{field_label(str(field))}: {words}" for field, words in remarks.items()]
    changed = detail.get("changed")
    if isinstance(changed, dict):
        parts += [_change(name, change) for name, change in changed.items() if isinstance(change, dict)]
    if tag == Tag.APPLICATION_PKCE_CHANGED:
        parts.append(_("PKCE is required.") if detail.get("required") else _("PKCE is optional for this application."))
    if tag == Tag.APPLICATION_APPROVED and detail.get("policy"):
        parts.append(_("For development: it works in the sandboxes of its team and nowhere else."))
    if detail.get("through"):
        parts.append(_("By the program %(client_id)s.") % {"client_id": detail["through"]})
    if detail.get("text"):
        parts.append(str(detail["text"]))
    return "\n".join(parts)


def field_label(field: str) -> str:
    """The name of a field of a registration or of its details, as pages call it."""
    known = registration_difference.field_labels()
    return str(DETAIL_LABELS.get(field) or known.get(field, field))


def _change(name: str, change: dict[str, object]) -> str:
    before, after = (_plain(change.get(side)) or _("(empty)") for side in ("before", "after"))
    return f"{DETAIL_LABELS.get(name, name)}: {before} → {after}"


def _plain(value: object) -> str:
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value or "")


def _listed(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def reason_label(code: str) -> str:
    """A reason code in words; nothing for an unknown one."""
    return str(Reason(code).label) if code in Reason.values else ""


def reason_labels(revision: Revision) -> list[str]:
    """The reasons of a decision in words."""
    return [label for code in revision.decision_codes if (label := reason_label(code))]
