"""Somebody who is signed in and has accepted an application before, at both faces; and what may change around them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.contrib.sessions.models import Session
from django.db.models import QuerySet
from django.test import Client
from starlette.responses import PlainTextResponse
from starlette.testclient import TestClient

from tests.support import people
from tests.support.authorization_pages import AUTHORIZE, answer_of, ask, consent_page, parameters
from tests.support.people import Registered
from varco.accounts.models import User
from varco.audit.models import Event
from varco.grants.models import Consent, Grant
from varco.registry.models import AllowedTenant, Application, BlockedApplication, Revision
from varco.tenants.models import Membership, Tenant

DECLINED = 299
"""What the gate hands on is answered with."""


@dataclass
class World:
    """A doctor who has accepted an application once, in a browser that is signed in, and both faces."""

    gate: TestClient
    app: Registered
    dario: User
    browser: Client

    @property
    def tenant(self) -> Tenant:
        return Tenant.objects.get(memberships__user=self.dario)

    def headers(self, *, without: str = "") -> dict[str, str]:
        sent = {name: cookie.value for name, cookie in self.browser.cookies.items() if name != without}
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in sent.items()), "Accept-Language": "it"}

    def at_gate(self, *, without: str = "", method: str = "GET", **changes: str | None) -> Any:
        sent = parameters(self.app, **changes)
        headers = self.headers(without=without)
        return self.gate.request(method, AUTHORIZE, params=sent, headers=headers, follow_redirects=False)

    def code_at_gate(self, **asked: Any) -> bool:
        """Whether the gate answers with a code; asked again, it knows the application as it stands now."""
        before = Grant.objects.count(), Event.objects.count()
        answers = [self.at_gate(**asked)]
        if answers[0].status_code == DECLINED:
            answers.append(self.at_gate(**asked))
        answered: bool = answers[-1].status_code != DECLINED
        assert answered or (Grant.objects.count(), Event.objects.count()) == before, "what it leaves, it leaves alone"
        return answered

    def code_at_portal(self, *, without: str = "", method: str = "GET", **changes: str | None) -> bool:
        assert method == "GET"
        before = Grant.objects.count()
        kept = self.browser.cookies.pop(without, None)
        ask(self.browser, self.app, **changes)
        if kept is not None:
            self.browser.cookies[without] = kept.value
        return Grant.objects.count() > before


def accepted(make_gate: Callable[..., TestClient], app: Registered, dario: User) -> World:
    """The world after the person has signed in and accepted; behind the gate stands something that only says `DECLINED`."""
    gate = make_gate(fallback=PlainTextResponse("a page", DECLINED))
    browser = Client(HTTP_ACCEPT_LANGUAGE="it", REMOTE_ADDR="192.0.2.7")
    assert browser.post("/account/login/", {"login": dario.email, "password": people.PASSWORD}).status_code == 303
    answer_of(consent_page(browser, app, scope="openid profile giponext.patients giponext.agenda").accept())
    return World(gate, app, dario, browser)


Change = Callable[[World], Any]


def updated(rows: QuerySet[Any], **values: Any) -> Any:
    """A change of one row, taken back afterwards."""

    @contextmanager
    def change() -> Iterator[None]:
        before = rows.values(*values).get()
        pk = rows.values_list("pk", flat=True).get()
        rows.update(**values)
        yield
        rows.model._default_manager.filter(pk=pk).update(**before)

    return change()


def added(row: Any) -> Any:
    @contextmanager
    def change() -> Iterator[None]:
        row.save()
        yield
        row.delete()

    return change()


def of(model: type[Any], **values: Any) -> Change:
    """A change of the one row of a model that the person or the application has."""
    rows: dict[type[Any], Callable[[World], QuerySet[Any]]] = {
        User: lambda world: User.objects.filter(pk=world.dario.pk),
        Membership: lambda world: Membership.objects.filter(user=world.dario),
        Tenant: lambda world: Tenant.objects.filter(pk=world.tenant.pk),
        Consent: lambda world: Consent.objects.filter(user=world.dario),
        Session: lambda world: Session.objects.filter(session_key=world.browser.session.session_key),
        Application: lambda world: Application.objects.filter(pk=world.app.application.pk),
        Revision: lambda world: Revision.objects.filter(pk=world.app.revision.pk),
    }
    return lambda world: updated(rows[model](world), **values)


def blocked(world: World) -> Any:
    return added(
        BlockedApplication(
            tenant=world.tenant, application=world.app.application, blocked_by=world.app.application.owner
        )
    )


def listed_elsewhere(world: World) -> Any:
    return added(AllowedTenant(application=world.app.application, tenant=people.tenant("Levante")))


def moved(world: World) -> Any:
    """The person belongs to another clinic than the one that the consent was given for."""
    return updated(Membership.objects.filter(user=world.dario), tenant=people.tenant("Ponente"))


def bound(world: World) -> Any:
    other = people.application(world.app.application.owner).application
    return updated(Membership.objects.filter(user=world.dario), only_application=other)


def raised(world: World) -> Any:
    version = Application.objects.get(pk=world.app.application.pk).version
    return updated(Application.objects.filter(pk=world.app.application.pk), version=version + 1)
