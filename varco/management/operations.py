"""Operations of the management API: views with the scope and the role that they need, both checked before they run (S28)."""

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar, cast, get_origin

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils.functional import cached_property

from varco.accounts.models import User
from varco.accounts.queries import of_subject
from varco.audit.services import Origin
from varco.caller import ManagementCaller
from varco.management import conditions, step_up
from varco.management.bodies import read_body
from varco.management.errors import ManagementError, json_response, not_found
from varco.paging import Page
from varco.registry import access
from varco.registry.lifecycle import ApplicationAct, TeamRole, team_may
from varco.registry.models import Application

READ = ("varco.applications", "varco.registrations")
"""Scopes of which one opens what is only read."""
WRITE = ("varco.registrations",)
"""The scope of everything that changes something."""

APPLICATION = "application_id"
"""The parameter of a path that names an application of the caller's."""


@dataclass(frozen=True, slots=True)
class Role:
    """What an account must be, the name of that in answers, and who can make it so."""

    name: str
    held_by: Callable[[User], bool]
    fixable_by: str


DEVELOPER = Role("developer", lambda user: user.is_developer, "administrator")
"""The Developer role, which support switches on (S7)."""


@dataclass(frozen=True)
class Call:
    """One checked call, as an operation sees it. `found` is the application of its path, `sent` its body."""

    request: HttpRequest
    caller: ManagementCaller
    user: User
    found: Application | None = None
    sent: Any = None

    @property
    def application(self) -> Application:
        """The application of the path, of which the person is a developer."""
        if self.found is None:
            raise TypeError("this operation has no application in its path")
        return self.found

    @cached_property
    def origin(self) -> Origin:
        """Where the act comes from, for the record."""
        return Origin(
            actor=self.user, ip=self.caller.ip, request_id=self.caller.request_id, through=self.caller.client_id
        )

    def below(self, key: int | str) -> str:
        """The address of something made at the one that was called."""
        return f"{settings.VARCO.api_url}{self.request.path}/{key}"

    @property
    def stamp(self) -> str:
        """The stamp in `If-Match`. Raises `ManagementError` (428, 400)."""
        return conditions.if_match(self.request)


Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class Answer(Generic[Value]):
    """What an operation answers, with the headers that go with it."""

    value: Value
    headers: Mapping[str, str]


Act = Callable[..., Any]


class View(Protocol):
    """A view that is an operation."""

    operation: "Operation"

    def __call__(self, request: HttpRequest, caller: ManagementCaller, **path: Any) -> HttpResponse:
        """Answer a request of a proven caller; `path` holds the parameters of its path."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """What was declared of a view. `scopes`: one of them is enough; `tagged`: a change of what an `ETag` names."""

    name: str
    summary: str
    method: str
    scopes: tuple[str, ...]
    role: Role
    body: type[msgspec.Struct] | None
    success: int
    tagged: bool
    step_up: bool
    keyed: bool
    act: ApplicationAct | None
    answers: Any

    @property
    def listed(self) -> bool:
        """Whether it answers a part of a list, which its query chooses."""
        return get_origin(self.answers) is Page

    @property
    def changes(self) -> bool:
        """Whether it does anything but tell."""
        return self.method != "GET"


def operation(
    method: str,
    *,
    role: Role,
    scopes: tuple[str, ...] = (),
    body: type[msgspec.Struct] | None = None,
    success: int = 200,
    tagged: bool = False,
    stepped_up: bool = False,
    keyed: bool = False,
    act_of: ApplicationAct | None = None,
) -> Callable[[Act], View]:
    """Declare a view: its method, the scopes of which the token must carry one, the role that the person must hold.

    The view gets a `Call` and the parameters of its path but `application_id`, which is `call.application`, and returns what is
    answered as JSON, or an `Answer`. `body` is what it reads; `tagged` demands `If-Match`, `stepped_up` a sign-in of just now;
    `keyed`: it takes an `Idempotency-Key`; `act_of` is what it does to its application where not every maintainer may.
    """

    def declare(act: Act) -> View:
        told = inspect.signature(act).return_annotation
        declared = Operation(
            act.__name__, (act.__doc__ or "").partition("\n")[0].rstrip("."), method,
            scopes or (WRITE if method != "GET" else READ), role, body, success, tagged, stepped_up, keyed, act_of, told,
        )  # fmt: skip

        @functools.wraps(act)
        def view(request: HttpRequest, caller: ManagementCaller, **path: Any) -> HttpResponse:
            call = _checked(request, caller, declared, path)
            answer = act(call, **path)
            if not isinstance(answer, Answer):
                return json_response(answer, success)
            response = json_response(answer.value, success)
            for name, value in answer.headers.items():
                response[name] = value
            return response

        found = cast("View", view)
        found.operation = declared
        return found

    return declare


def at(*views: View) -> Callable[..., HttpResponse]:
    """One address with an operation for each of its methods."""
    by_method = {view.operation.method: view for view in views}

    def address(request: HttpRequest, caller: ManagementCaller, **path: Any) -> HttpResponse:
        view = by_method.get(request.method or "")
        if view is None:
            allowed = ", ".join(sorted(by_method))
            raise ManagementError("method_not_allowed", f"This address answers {allowed} only.", 405, allowed=allowed)
        return view(request, caller, **path)

    address.views = views  # type: ignore[attr-defined]
    return address


def _checked(request: HttpRequest, caller: ManagementCaller, declared: Operation, path: dict[str, Any]) -> Call:
    """The call, when token and person may do this, the application is theirs, and the body is sound; takes its id out of `path`."""
    user = _authorized(caller, declared)
    found = None
    if APPLICATION in path:
        found = _own(user, path.pop(APPLICATION))
        if declared.changes and found.pk == caller.application_id:
            raise of_itself()
        if declared.changes:
            _demand_part(declared, access.team_role_of(user, found))
    _refuse_the_unknown(request, declared)
    if declared.step_up:
        step_up.demand(caller, user)
    if declared.tagged:
        conditions.if_match(request)
    sent = read_body(request, declared.body) if declared.body else None
    return Call(request, caller, user, found, sent)


def _refuse_the_unknown(request: HttpRequest, declared: Operation) -> None:
    """What an operation does not read is refused, so that nobody believes it was heeded. Lists refuse theirs by themselves.

    Raises `ManagementError` (400).
    """
    if request.GET and not declared.listed:
        raise ManagementError("invalid_request", f"{min(request.GET)[:60]} is not known here: there is no query.", 400)
    if declared.body is None and request.body.strip() not in {b"", b"{}"}:  # many programs send an empty object
        raise ManagementError("invalid_request", "This takes no body.", 400)


def _authorized(caller: ManagementCaller, declared: Operation) -> User:
    """The person, when token and person may do this. Raises `ManagementError` (403) naming the layer that refused."""
    if caller.scopes.isdisjoint(declared.scopes):
        needed = declared.scopes[0]
        raise ManagementError(
            "insufficient_scope",
            f"The token does not carry {needed}.",
            403,
            layer="scope",
            required=needed,
            fixableBy="developer",
        )
    user = of_subject(caller.user_id)
    if user is None or not declared.role.held_by(user):
        raise ManagementError(
            "forbidden",
            f"The person does not hold the {declared.role.name.capitalize()} role. Support switches it on.",
            403,
            layer="permission",
            required=declared.role.name,
            fixableBy=declared.role.fixable_by,
        )
    return user


def _own(user: User, pk: int) -> Application:
    """An application of the person's. Raises `ManagementError` (404) for anybody else's."""
    found = access.visible_to(user).select_related("live_revision").filter(pk=pk).first()
    if found is None:
        raise not_found()
    return found


def _demand_part(declared: Operation, team_role: TeamRole | None) -> None:
    """Refuse who only looks on, and a maintainer what is for owners. Raises `ManagementError` (403)."""
    if team_role == TeamRole.VIEWER:
        raise _looks_on()
    if declared.act is not None and not team_may(declared.act, team_role):
        raise for_owners()


def for_owners() -> ManagementError:
    """The refusal of what an owner of the team decides."""
    return ManagementError(
        "forbidden",
        "This is for the owners of the team.",
        403,
        layer="permission",
        required=TeamRole.OWNER.value,
        fixableBy="developer",
    )


def _looks_on() -> ManagementError:
    return ManagementError(
        "forbidden",
        "The person is a viewer of the team: they see this application, and change nothing.",
        403,
        layer="permission",
        required="maintainer",
        fixableBy="developer",
    )


def of_itself() -> ManagementError:
    """Whoever takes an application over must not be able to change what it may do, to make itself new secrets, or to let somebody in who can."""
    return ManagementError(
        "forbidden",
        "An application changes nothing of its own registration. Use the pages, or another application.",
        403,
        layer="application",
        required="another application",
        fixableBy="developer",
    )
