"""The registrations of one product side by side: what is the same in all environments, and what differs (S14)."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render

from varco.portal.common import registration_difference, registration_display
from varco.portal.common.page import DEVELOPER, page
from varco.portal.common.registration_difference import Row
from varco.portal.common.request import SignedInRequest
from varco.portal.developer.access import own_application
from varco.registry import lists, queries
from varco.registry.models import Application, Revision
from varco.registry.registration import Registration

MOST = 6
"""Registrations shown beside each other."""

_ORDER = {name: place for place, name in enumerate(Revision.Environment.values)}


@dataclass(frozen=True, slots=True)
class Column:
    """A registration: what is in force, or what was asked for last where nothing is."""

    application: Application
    revision: Revision
    chips: list[registration_display.Chip]


@page(DEVELOPER, "GET")
def environments(request: SignedInRequest, pk: int) -> HttpResponse:
    """Every registration with the application's product, beside each other, field by field."""
    application = own_application(request, pk)
    found = list(lists.of_product(application)[: MOST + 1])
    columns = _columns(found[:MOST])
    differing, same = _compared(columns)
    return render(
        request,
        "developer/environments.html",
        {
            "application": application,
            "columns": columns,
            "differing": differing,
            "same": same,
            "more": len(found) > MOST,
        },
    )


def _columns(applications: Sequence[Application]) -> list[Column]:
    latest = queries.latest_revisions(applications)
    columns = []
    for each in applications:
        revision = each.live_revision or latest.get(each.pk)
        if revision:
            columns.append(Column(each, revision, registration_display.chips(each, latest.get(each.pk))))
    return sorted(
        columns, key=lambda column: (_ORDER.get(column.revision.environment, len(_ORDER)), column.application.name)
    )


Field = tuple[str, list[tuple[Column, Row]]]


def _compared(columns: Sequence[Column]) -> tuple[list[Field], list[Field]]:
    """The fields that differ between the registrations, and those that hold the same in all."""
    differing: list[Field] = []
    same: list[Field] = []
    every = [registration_difference.every_row(Registration.of(column.revision)) for column in columns]
    for beside in zip(*every, strict=True):
        if not any(row.items for row in beside):
            continue
        held = {tuple((item.text, item.required) for item in row.items) for row in beside}
        fields = (beside[0].label, list(zip(columns, beside, strict=True)))
        (same if len(held) == 1 else differing).append(fields)
    return differing, same
