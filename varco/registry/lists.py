"""Lists of applications as people look through them: found by words, narrowed, counted, and never read whole."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from django.db.models import Case, Count, Exists, IntegerField, OuterRef, Q, QuerySet, Value, When, Window
from django.db.models.expressions import Combinable
from django.db.models.functions import Concat

from varco import clock
from varco.accounts.models import User
from varco.registry import access
from varco.registry.deadline import late_if_before
from varco.registry.lifecycle import Role
from varco.registry.models import Application, Revision, Secret, SecretOverlap
from varco.searching import words_of

APPLICATIONS_ORDER = ("place", "product", "name", "pk")
"""The order of `applications_of`; `place` is 0 for those of a product, 1 for those of none, 2 for retired ones."""
_CLIENT_ID_BEGINS = "varco-"


def applications_of(developer: User, words: str = "") -> QuerySet[Application]:
    """The applications of a developer by product; those of none after them, retired ones last. Words narrow them."""
    place = Case(When(state=Application.State.RETIRED, then=2), When(product="", then=1), default=0)
    mine = access.visible_to(developer).select_related("live_revision").annotate(place=place)
    for word in words_of(words):
        mine = mine.filter(_says(word) | Q(product__icontains=word))
    return mine.order_by(*APPLICATIONS_ORDER)


def of_product(application: Application) -> QuerySet[Application]:
    """The applications of the same team with the same product that are not retired, by name; none where it has no product."""
    if not application.product:
        return Application.objects.none()
    same = Application.objects.filter(access.by_same_developer(application), product=application.product)
    found = access.with_developer(same).select_related("live_revision")
    return found.exclude(state=Application.State.RETIRED).order_by("name", "pk")


def search(
    words: str = "", *, state: str = "", environment: str = "", high_risk: bool = False, developer: str = ""
) -> QuerySet[Application]:
    """Applications of all developers, the best match first: by words of name, publisher and the developer's address.

    A `client_id` is found by itself or by its beginning, never by digits in its middle. `environment` is that of what is
    in force, or of the last revision where nothing is; `high_risk` keeps what had blockers or changes of high risk when the revision
    in force, or the one that waits, was submitted; `developer` is a whole e-mail address.
    """
    found = Application.objects.all()
    if state in Application.State.values:
        found = found.filter(state=state)
    if environment in Revision.Environment.values:
        found = found.filter(environment=environment)
    if high_risk:
        found = found.filter(high_risk=True)
    if developer:
        found = found.filter(access.by_developer_email(developer, whole=True))
    ranks: Combinable = Value(0)
    for number, word in enumerate(words_of(words)):
        found = found.filter(_says(word) | access.by_developer_email(word))
        text = f"text{number}"
        found = found.alias(**{text: Concat(Value(" "), "name", Value(" "), "publisher", Value(" "))})
        ranks = ranks + _rank(text, word)
    return found.order_by(ranks, "name", "pk") if words else found.order_by("name", "pk")


def listed(keys: Sequence[int]) -> list[Application]:
    """Applications by their keys, in that order, with what a list of all developers' shows."""
    shown = ("client_id", "state", "live_revision", "name", "publisher")
    rows = access.with_developer_address(Application.objects.all(), *shown).in_bulk(keys)
    return [rows[key] for key in keys if key in rows]


def queue(
    words: str = "", *, environment: str = "", high_risk: bool = False, reviewer: User | None = None, free: bool = False
) -> QuerySet[Revision]:
    """What waits for review, the longest first; narrowed as `search` is, or to what `reviewer` or nobody (`free`) has taken."""
    waiting = Revision.objects.filter(state=Revision.State.SUBMITTED).select_related(
        "application__live_revision", "review__assignee", "review__first_approver"
    )
    if reviewer is not None:
        waiting = waiting.filter(review__assignee=reviewer)
    if free:
        waiting = waiting.filter(review__assignee=None)
    if environment in Revision.Environment.values:
        waiting = waiting.filter(environment=environment)
    if high_risk:
        waiting = waiting.filter(high_risks__gt=0)
    for word in words_of(words):
        # Joined, so that an engine begins with what waits: from all applications that say it, it would go to all their revisions.
        says = _says(word, path="application__") | access.by_developer_email(word, path="application__")
        waiting = waiting.filter(says)
    return access.with_developer(waiting, "application__").order_by("submitted_at", "pk")


class Waiting(NamedTuple):
    """How many revisions wait for review, and how many of them longer than they should."""

    total: int
    late: int


def waiting() -> Waiting:
    """The queue as numbers."""
    late = Q(submitted_at__lt=late_if_before(clock.now()))
    counts = Revision.objects.filter(state=Revision.State.SUBMITTED).aggregate(
        total=Count("pk"), late=Count("pk", filter=late)
    )
    return Waiting(counts["total"], counts["late"])


class Attention(StrEnum):
    """What an application waits for from its developer, what presses most first."""

    SUSPENDED = "suspended"
    CHANGES_REQUESTED = "changes_requested"
    QUESTION = "question"  # of the reviewer
    DRAFT = "draft"
    SECRET = "secret"  # noqa: S105 - a name


class WantsAttention(NamedTuple):
    """An application that waits for its developer."""

    pk: int
    name: str
    attention: str


def wanting_attention(developer: User, limit: int) -> tuple[list[WantsAttention], int]:
    """The first `limit` applications that wait for their developer, and how many there are in all."""
    mine = access.of_developer(developer)
    # Each set is read once: a look for each application is what makes an engine plan as if there were no end to them.
    revisions = Revision.objects.filter(application__in=mine)
    sent_back = revisions.filter(~Exists(_newer_revisions()), state=Revision.State.CHANGES_REQUESTED).values(
        "application"
    )
    asked = revisions.filter(state=Revision.State.SUBMITTED, review__last_word=Role.OPERATOR).values("application")
    drafts = revisions.filter(state=Revision.State.DRAFT).values("application")  # one open, so it is the newest
    live = Secret.objects.filter(not_expired(), application__in=mine, revoked_at=None).values("application")
    reasons: list[tuple[Attention, Q]] = [
        (Attention.SUSPENDED, Q(state=Application.State.SUSPENDED)),
        (Attention.CHANGES_REQUESTED, Q(pk__in=sent_back)),
        (Attention.QUESTION, Q(pk__in=asked)),
        (Attention.DRAFT, Q(pk__in=drafts)),
        (Attention.SECRET, _sends_secrets() & Q(state=Application.State.ACTIVE) & ~Q(pk__in=live)),
    ]
    none = Value(len(reasons))
    urgency = Case(
        *(When(condition, then=Value(place)) for place, (_, condition) in enumerate(reasons)),
        default=none,
        output_field=IntegerField(),
    )
    found = mine.exclude(state=Application.State.RETIRED).annotate(urgency=urgency).exclude(urgency=none)
    counted = found.annotate(total=Window(Count("pk"))).order_by("urgency", "name", "pk")
    first = list(counted.values_list("pk", "name", "urgency", "total")[:limit])
    listed = [WantsAttention(pk, name, reasons[place][0]) for pk, name, place, _total in first]
    return listed, first[0][-1] if first else 0


class EndingSecret(NamedTuple):
    """A secret with an end in sight (epoch seconds), and its application."""

    application: int
    name: str
    label: str
    expires_at: int


def ending_secrets(developer: User, within: int, limit: int) -> list[EndingSecret]:
    """The live secrets of somebody's applications in force that end within so many seconds, the next ones first."""
    now = clock.now()
    mine = access.of_developer(developer).filter(_sends_secrets(), state=Application.State.ACTIVE)
    found = Secret.objects.filter(
        application__in=mine, revoked_at=None, expires_at__gt=now, expires_at__lte=now + within
    )
    rows = found.order_by("expires_at", "pk").values_list("application", "application__name", "label", "expires_at")
    return [EndingSecret(pk, name, label, ends or 0) for pk, name, label, ends in rows[:limit]]


def ending_overlaps(developer: User, within: int, limit: int) -> list[SecretOverlap]:
    """The applications of somebody's, in force, whose secrets end within so many seconds because they sign now."""
    now = clock.now()
    mine = access.of_developer(developer).filter(state=Application.State.ACTIVE)
    found = SecretOverlap.objects.filter(application__in=mine, ends_at__gt=now, ends_at__lte=now + within)
    return list(found.select_related("application").order_by("ends_at", "pk")[:limit])


def _sends_secrets() -> Q:
    """A condition on applications: what is in force authenticates with a secret."""
    return Q(live_revision__token_endpoint_auth_method__startswith="client_secret")  # noqa: S106 - a name


def _newer_revisions() -> QuerySet[Revision]:
    """Revisions of the same application that were begun after the one outside."""
    return Revision.objects.filter(application=OuterRef("application"), number__gt=OuterRef("number"))


def not_expired() -> Q:
    """A condition on secrets: their date, if they have one, is not past."""
    return Q(expires_at__isnull=True) | Q(expires_at__gt=clock.now())


def _says(word: str, *, path: str = "") -> Q:
    """A condition on applications: a word stands in the name or the publisher, or is the `client_id` or its beginning.

    `path` leads to the application from what is filtered.
    """
    begins = word.lower().startswith(_CLIENT_ID_BEGINS) and word.lower() != _CLIENT_ID_BEGINS
    client_id = Q((f"{path}client_id__startswith", word.lower()) if begins else (f"{path}client_id", word))
    return Q((f"{path}name__icontains", word)) | Q((f"{path}publisher__icontains", word)) | client_id


def _rank(text: str, word: str) -> Case:
    """How well a text that begins and ends with a space holds a word: as a whole, as a beginning, or elsewhere."""
    whole, beginning = Q(**{f"{text}__icontains": f" {word} "}), Q(**{f"{text}__icontains": f" {word}"})
    return Case(
        When(whole, then=Value(0)), When(beginning, then=Value(1)), default=Value(2), output_field=IntegerField()
    )
