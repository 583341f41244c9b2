"""The thread between whoever reviews an application and its developer: read, and answered."""

import datetime as dt
from typing import Annotated

import msgspec
from msgspec import Meta

from varco.management.errors import not_found
from varco.management.operations import DEVELOPER, Answer, Call, operation
from varco.management.paging import page
from varco.management.representations import moment
from varco.paging import Page
from varco.registry import desk, services
from varco.registry.models import ReviewMessage
from varco.registry.services.texts import MAX_TEXT


class NewMessage(msgspec.Struct, frozen=True, kw_only=True, rename="camel", forbid_unknown_fields=True):
    """What is written to the reviewer."""

    text: Annotated[str, Meta(description=f"Plain text, {MAX_TEXT} characters at most.")]


class Message(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Something written about a revision. `side` is `operator` for the reviewer and `developer` for the team."""

    id: int
    at: dt.datetime
    side: str
    author: str
    revision: int
    text: str


@operation("GET", role=DEVELOPER)
def list_messages(call: Call) -> Page[Message]:
    """List what reviewers and developers wrote about an application, the oldest first."""
    return page(call, desk.thread(call.application), ("at_ms", "pk"), lambda found: [_message(one) for one in found])


@operation("GET", role=DEVELOPER)
def read_message(call: Call, message_id: int) -> Message:
    """Read one message of the thread."""
    found = desk.thread(call.application).filter(pk=message_id).first()
    if found is None:
        raise not_found()
    return _message(found)


@operation("POST", role=DEVELOPER, body=NewMessage, success=201)
def send_message(call: Call) -> Answer[Message]:
    """Answer the reviewer, who is told by mail; nothing is handed in again by that."""
    made = services.send_answer(call.application, call.origin, text=call.sent.text)
    return Answer(_message(made), {"Location": call.below(made.pk)})


def _message(one: ReviewMessage) -> Message:
    return Message(
        id=one.pk,
        at=moment(one.at_ms // 1000),
        side=one.side,
        author=one.author_name,
        revision=one.revision.number,
        text=one.text,
    )
