"""Who asks about a stream: a client that proves who it is, as at introspection (decision 48)."""

from collections.abc import Awaitable, Callable
from urllib.parse import parse_qs

from varco import text
from varco.audit.event import Subject
from varco.audit.tags import Tag
from varco.gate import audit
from varco.gate.auth import client_authentication
from varco.gate.context import GateContext
from varco.gate.http import Request, Response
from varco.gate.store import BoundStatement
from varco.gate.store.sql.signals import STREAM, StreamRow
from varco.protocol.client import Client
from varco.protocol.client_authentication import ASSERTION_TYPE
from varco.protocol.errors import invalid_client, invalid_request
from varco.protocol.parameters import Parameters
from varco.protocol.signals.streams import no_stream

BODY_LIMIT = 32_768
_BEARER = "bearer "

Act = Callable[[Client], Awaitable[Response | None]]


async def answer(context: GateContext, request: Request, act: Act) -> Response:
    """What an authenticated client gets, decided as everywhere: again, where it changed meanwhile. Raises `OAuthError`."""
    given = client_authentication.credentials_of(request, _assertion(request))

    async def entitled(client: Client) -> Response | None:
        if not client.confidential:
            raise invalid_client(
                "Signals are for clients that authenticate. This is a public client: anybody could say that it were this one.",
                rule="SSF §7.1 authorization of the receiver",
                received="a public client",
                expected="a confidential client",
            )
        if not await context.clients.stands(client):
            return None
        return await act(client)

    return await client_authentication.with_authenticated_client(context, request, given, entitled)


def _assertion(request: Request) -> Parameters:
    """A client assertion that came as a bearer token: these requests have no form for it (RFC 7523 §2.2)."""
    headers = request.header_values(b"authorization")
    if len(headers) != 1 or headers[0][: len(_BEARER)].lower() != _BEARER:
        return Parameters({})
    request.headers = [header for header in request.headers if header[0] != b"authorization"]
    return Parameters({"client_assertion": headers[0][len(_BEARER) :].strip(), "client_assertion_type": ASSERTION_TYPE})


async def stream_of(context: GateContext, client: Client, stream_id: str | None) -> StreamRow:
    """The client's stream, which `stream_id` has to be if it is given. Raises `OAuthError` (404)."""
    row = await context.platform.one(STREAM(application_id=client.application_id))
    if row is None or (stream_id is not None and row.public_id != stream_id):
        raise no_stream(stream_id or "")
    return row


def stream_id_of(request: Request) -> str | None:
    """The `stream_id` of the query, if there is one. Raises `OAuthError` (invalid_request)."""
    if not request.query:
        return None
    parameters = parse_qs(request.query.decode("ascii", "replace"), keep_blank_values=True, max_num_fields=10)
    values = parameters.get("stream_id", [])
    if len(values) != 1 or len(parameters) != 1 or not values[0]:
        raise invalid_request(
            "The address takes one parameter, stream_id.",
            rule="SSF §8.1.1 stream_id",
            received=", ".join(parameters)[:200],
            expected="stream_id",
        )
    return values[0]


def check_readable(name: str, words: str) -> None:
    """Whether its developers can read what an application says of its stream. Raises `OAuthError` (invalid_request)."""
    unseen = text.one_line(words)
    if unseen is not None:
        raise invalid_request(
            f"{name} holds a character that cannot be seen ({unseen.code_point}, character {unseen.position}).",
            rule=f"SSF §8.1.1 {name}",
            received=unseen.code_point,
            expected="readable text in one line",
        )


def step(tag: Tag, context: GateContext, request: Request, client: Client, **detail: str) -> BoundStatement[None]:
    """The record of an act of the client's."""
    about = Subject(application_id=client.application_id, application_name=client.name)
    return audit.step(tag, request, about, context.now_ms(), by_user=False, **detail)
