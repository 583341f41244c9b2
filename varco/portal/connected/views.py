"""Connected applications: what each may do for the signed-in person, and taking it back (S21)."""

from dataclasses import dataclass

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from varco import catalog
from varco.catalog import Words
from varco.grants import queries, services
from varco.grants.queries import Connection
from varco.portal.common.listing import CARDS_PER_PAGE, page_of, words_of
from varco.portal.common.page import SIGNED_IN, page
from varco.portal.common.request import SignedInRequest
from varco.portal.middleware import origin
from varco.protocol.scope import OPENID


@dataclass(frozen=True, slots=True)
class Line:
    """One thing an application may do: whether it can be taken back by itself, and why not."""

    value: str
    sentence: Words
    removable: bool
    required: bool


@page(SIGNED_IN, "GET")
def index(request: SignedInRequest) -> HttpResponse:
    """Every application the person has accepted."""
    words = words_of(request)
    accepted = page_of(request, queries.consents(request.user, words), CARDS_PER_PAGE)
    connections = queries.connections(request.user, accepted.object_list)
    listed = [(connection, _accepted(connection), _refused(connection)) for connection in connections]
    return render(request, "connected/list.html", {"connections": listed, "page": accepted, "words": words})


@page(SIGNED_IN, "GET POST")
def application(request: SignedInRequest, client_id: str) -> HttpResponse:
    """One application; POST leaves it with the scopes that are still switched on."""
    connection = _connection(request, client_id)
    lines = _accepted(connection)
    if request.method == "POST":
        kept = set(request.POST.getlist("scope"))
        dropped = [line.value for line in lines if line.removable and line.value not in kept]
        return _narrow(request, connection, dropped)
    context = {
        "connection": connection,
        "lines": lines,
        "refused": _refused(connection),
        "claims": _claims(),
        "some_removable": any(line.removable for line in lines),
    }
    return render(request, "connected/application.html", context)


def _narrow(request: SignedInRequest, connection: Connection, dropped: list[str]) -> HttpResponse:
    try:
        taken = services.withdraw_scopes(request.user, connection.application, dropped, origin(request))
    except services.NothingToWithdraw:
        messages.info(request, _("Nothing was changed."))
    else:
        text = ngettext(
            "One permission of %(name)s is withdrawn, with effect at once.",
            "%(count)d permissions of %(name)s are withdrawn, with effect at once.",
            len(taken),
        )
        messages.success(request, text % {"name": connection.application.name, "count": len(taken)})
    return redirect("connected:application", connection.application.client_id)


@page(SIGNED_IN, "GET POST")
def withdraw(request: SignedInRequest, client_id: str) -> HttpResponse:
    """GET says what stops working, POST takes everything back."""
    connection = _connection(request, client_id)
    if request.method != "POST":
        return render(request, "connected/withdraw.html", {"connection": connection, "lines": _accepted(connection)})
    try:
        services.withdraw(request.user, connection.application, origin(request))
    except services.NothingToWithdraw:
        raise Http404 from None
    messages.success(request, _("%(name)s has no access any more.") % {"name": connection.application.name})
    return redirect("connected:list")


def _connection(request: SignedInRequest, client_id: str) -> Connection:
    """The person's own connection; 404 for an application of which they have accepted nothing, whoever else has."""
    connection = queries.connection(request.user, client_id)
    if connection is None:
        raise Http404
    return connection


def _accepted(connection: Connection) -> list[Line]:
    vocabulary = catalog.current()
    removable = services.withdrawable(connection.consent, connection.application)
    names = dict.fromkeys([*connection.scopes, *removable])
    locked = services.locked_scopes(connection.application) - {OPENID}
    return [
        Line(name, sentence, name in removable, name in locked)
        for name in names
        if (sentence := _sentence(vocabulary, name)) is not None
    ]


def _refused(connection: Connection) -> list[Words]:
    vocabulary = catalog.current()
    sentences = [_sentence(vocabulary, name) for name in connection.refused]
    return [sentence for sentence in sentences if sentence is not None]


def _claims() -> list[Words]:
    """Claims that every application is told, whatever its scopes: `/v2/userinfo` gives the medical centre (S20)."""
    sentence = _sentence(catalog.current(), services.TENANT_CLAIM)
    return [] if sentence is None else [sentence]


def _sentence(vocabulary: catalog.Catalog, name: str) -> Words | None:
    """What a scope or a claim group means; None for a name that the catalogue has dropped."""
    found = vocabulary.scopes.get(name) or vocabulary.claims.get(name)
    return found.sentence if found else None
