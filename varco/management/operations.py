"""Operations of the management API: a view with the scope and the role that it needs, both checked before it runs (S28)."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol, cast

from django.http import HttpRequest, HttpResponse

from varco.accounts.models import User
from varco.accounts.queries import of_subject
from varco.caller import ManagementCaller
from varco.management.errors import ManagementError, json_response


@dataclass(frozen=True, slots=True)
class Role:
    """What an account must be, the name of that in answers, and who can make it so."""

    name: str
    held_by: Callable[[User], bool]
    fixable_by: str


DEVELOPER = Role("developer", lambda user: user.is_developer, "administrator")
"""The Developer role, which support switches on (S7)."""


@dataclass(frozen=True, slots=True)
class Call:
    """One checked call, as an operation sees it."""

    request: HttpRequest
    caller: ManagementCaller
    user: User


Act = Callable[..., Any]


class View(Protocol):
    """A view that is an operation."""

    operation: "Operation"

    def __call__(self, request: HttpRequest, caller: ManagementCaller, **path: Any) -> HttpResponse:
        """Answer a request of a proven caller; `path` holds the parameters of its path."""
        ...


@dataclass(frozen=True, slots=True)
class Operation:
    """What was declared of a view."""

    method: str
    scope: str
    role: Role


def operation(method: str, *, scope: str, role: Role) -> Callable[[Act], View]:
    """Declare a view: its one method, the scope that the token must carry, the role that the person must hold.

    The view gets a `Call` and the parameters of its path, and returns what is answered as JSON.
    """
    declared = Operation(method, scope, role)

    def declare(act: Act) -> View:
        @functools.wraps(act)
        def view(request: HttpRequest, caller: ManagementCaller, **path: Any) -> HttpResponse:
            _check_method(request, declared)
            return json_response(act(Call(request, caller, _authorized(caller, declared)), **path))

        found = cast("View", view)
        found.operation = declared
        return found

    return declare


def _check_method(request: HttpRequest, declared: Operation) -> None:
    if request.method != declared.method:
        raise ManagementError(
            "method_not_allowed", f"This address answers {declared.method} only.", 405, allowed=declared.method
        )


def _authorized(caller: ManagementCaller, declared: Operation) -> User:
    """The person, when token and person may do this. Raises `ManagementError` (403) naming the layer that refused."""
    if declared.scope not in caller.scopes:
        raise ManagementError(
            "insufficient_scope",
            f"The token does not carry {declared.scope}.",
            403,
            layer="scope",
            required=declared.scope,
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
