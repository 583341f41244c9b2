"""Access to applications: which side a person stands on, which applications are theirs, and whom to tell.

The one module that reads `Application.owner`. When a team owns an application, this is what changes.
"""

from typing import TypeVar

from django.db.models import Expression, Model, Q, QuerySet

from varco.accounts.models import User
from varco.accounts.queries import operators
from varco.registry.lifecycle import Role
from varco.registry.models import Application
from varco.tenants import queries as tenants
from varco.tenants.models import Tenant

_Row = TypeVar("_Row", bound=Model)


def role_of(actor: User | None, application: Application) -> Role | None:
    """The side an account stands on. An operator's own application is never theirs to decide about (S11)."""
    if actor is None or not actor.is_active:
        return None
    if is_own(actor, application):
        return Role.DEVELOPER if actor.is_developer else None
    return Role.OPERATOR if actor.is_operator else None


def is_own(person: User, application: Application) -> bool:
    """Whether the application is the person's own, whatever their role is now."""
    return application.owner_id == person.pk


def of_developer(person: User) -> QuerySet[Application]:
    """The applications whose developer a person is."""
    return Application.objects.filter(owner=person)


def visible_to(person: User) -> QuerySet[Application]:
    """The applications that a person sees as their developer; operators see all of them, by `lists.search`."""
    return with_developer(of_developer(person))


def developer_of(application: Application) -> User:
    """Whom reviewers are shown as the developer."""
    return application.owner


def developer_id_of(application: Application) -> int:
    """Key of the account of the developer, without reading it."""
    return application.owner_id


def have_same_developer(one: Application, other: Application) -> bool:
    """Whether two applications are of one developer."""
    return one.owner_id == other.owner_id


def by_same_developer(application: Application, *, path: str = "") -> Q:
    """A condition: of the same developer as this application. `path` leads to the application from what is filtered."""
    return Q(**{f"{path}owner": application.owner_id})


def by_developer_email(part: str, *, whole: bool = False) -> Q:
    """A condition on applications: the developer's e-mail address holds this text, or is it, in any case."""
    return Q(owner__email__iexact=part) if whole else Q(owner__email__icontains=part)


def with_developer(rows: QuerySet[_Row], path: str = "") -> QuerySet[_Row]:
    """The rows with all that this module looks at, in the same read. `path` leads to the application from the rows."""
    return rows.select_related(f"{path}owner")


def sandboxes(application: Application | Expression) -> QuerySet[Tenant]:
    """The sandboxes of an application's team: those its developers belong to now, and not as guests until a date (S44).

    What is locked works there and nowhere else; the gate's statements say the same (`gate.store.sql.conditions.within_lock`).
    A sandbox that is a team's own, whoever belongs to it, would be one more condition here and there.
    """
    return tenants.sandboxes_of(Q(user__applications=application, user__developer_since__isnull=False))


def whom_to_tell(application: Application, side: Role) -> list[User]:
    """Who gets the mails to one side: its developer, or every operator who may decide about it."""
    if side == Role.DEVELOPER:
        return [application.owner]
    return list(operators().exclude(pk=application.owner_id))
