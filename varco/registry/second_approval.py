"""Which registrations two people have to approve: those with a scope that the catalogue says so of."""

from collections.abc import Mapping
from typing import Any

from varco import catalog
from varco.registry import access
from varco.registry.lifecycle import Role
from varco.registry.models import Application, Review, Revision
from varco.registry.registration import stamp


def scopes_for_two(revision: Revision) -> tuple[str, ...]:
    """The scopes of a revision for which it takes two approvals."""
    known = catalog.current().scopes
    asked: list[Mapping[str, Any]] = revision.scopes
    return tuple(scope["name"] for scope in asked if scope["name"] in known and known[scope["name"]].second_approver)


def first_approval_counts(application: Application, revision: Revision, review: Review) -> bool:
    """Whether somebody who may still decide has approved exactly what stands now."""
    first = review.first_approver
    return (
        first is not None
        and review.first_stamp == stamp(application, revision)
        and access.role_of(first, application) == Role.OPERATOR
    )
