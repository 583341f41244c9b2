"""A walk over every operation of the management API: who is refused, by which layer, and that each of them works (S28)."""

import json
import re
import sys
from collections.abc import Callable
from typing import Any, NamedTuple
from unittest import mock

import pytest
from django.test import Client

from tests.support import people, source
from tests.support.managing import APPLICATIONS, NEW, SCOPES, caller, error, manage, signed_in
from varco import catalog
from varco.accounts.models import User
from varco.caller import MANAGEMENT_DOCUMENT
from varco.management.openapi import document, operations
from varco.management.operations import APPLICATION
from varco.management.registrations import camel
from varco.registry.models import Application, Team, Transfer

with mock.patch.dict(
    sys.modules, {"rfc3987_syntax": None}
):  # two seconds of making parsers for formats that nothing here checks
    import jsonschema

EVERY = dict(sorted((f"{item.name}", (path, item)) for path, item in operations()))
OF_ONE = [name for name, (path, _) in EVERY.items() if APPLICATION in path]
OF_TEAM = [name for name, (path, _) in EVERY.items() if "team_id" in path]
OWNERS_ONLY = {
    "invite_member", "withdraw_invitation", "change_member", "remove_member", "rename_team", "retire", "offer_transfer",
    "withdraw_transfer", "read_offer", "accept_transfer", "decline_transfer",
}  # fmt: skip
every = pytest.mark.parametrize("name", EVERY)

# A sound body for each operation that takes one.
BODIES: dict[str, dict[str, Any]] = {
    "create_application": NEW,
    "change_details": {"product": "Facile"},
    "replace_draft": {"type": "web"},
    "change_draft": {"environment": "staging"},
    "change_redirect_uris": {"redirectUris": ["https://agenda.example/other"]},
    "create_secret": {"label": "server"},
    "invite_member": {"email": "new@facile.example", "role": "viewer"},
    "change_member": {"role": "viewer"},
    "create_team": {"name": "Another team"},
    "rename_team": {"name": "Another name"},
    "send_message": {"text": "It is for the tablets."},
    "add_centre": {"tenantId": "tenant-aurora"},
    "offer_transfer": {"teamId": "team-other"},
}


class World(NamedTuple):
    """Davide with one application in force, a draft of its next revision, and the program through which he asks."""

    davide: User
    app: Application
    program: Application
    grant: int


@pytest.fixture
def world(db: None) -> World:
    davide = people.davide()
    app = people.application(davide).application
    Application.objects.filter(pk=app.pk).update(description="Agendas.", contacts=["dev@facile.example"])
    asked = app.revisions.create(number=2, type="web", state="changes_requested", submitted_at=1)
    app.review_messages.create(revision=asked, sort="message", side="operator", text="Why?", author_name="Olga")
    app.allowed_tenants.create(tenant=people.tenant("Lumen"))
    people.tenant("Aurora")
    app.revisions.create(
        number=3, type="web", grant_types=["authorization_code"], scopes=[people.scope("openid")], redirect_uris=[people.CALLBACK],
        token_endpoint_auth_method="client_secret",
    )  # fmt: skip
    team = people.team_of(davide)
    team.members.create(user=people.person("Milo", "Maintainer", developer_since=1), role="maintainer")
    team.members.create(user=people.person("Vera", "Viewer", developer_since=1), role="viewer")
    team.invitations.create(email="old@facile.example", role="viewer", digest="d", expires_at=1, created_at=1)
    vendor = people.person("Vito", "Vendor", developer_since=1)
    program = people.application(vendor, name="Console").application
    other = people.team_of(vendor)
    Team.objects.filter(pk=other.pk).update(public_id="team-other")
    handed = people.application(vendor, name="Handed over").application
    offered = {"offered_by": vendor, "expires_at": 2_000_000_000, "created_at": 1}
    Transfer.objects.create(application=handed, team=team, **offered)
    Transfer.objects.create(application=app, team=other, **offered)
    grant = signed_in(davide, program, people.tenant("Sandbox", "sandbox"))
    return World(davide, app, program, grant)


def proven(world: World, user: User | None = None, scopes: tuple[str, ...] = SCOPES) -> Any:
    return caller(user or world.davide, scopes, application=world.program, grant=world.grant)


def address_of(app: Application, path: str) -> str:
    team = app.team
    assert team
    values = {
        APPLICATION: app.pk, "number": 1, "secret_id": app.secrets.get().pk, "team_id": team.public_id,
        "member_id": team.members.get(role="maintainer").pk, "invitation_id": team.invitations.get().pk,
        "message_id": app.review_messages.get().pk, "tenant_id": app.allowed_tenants.get().tenant.public_id,
        "offer_id": team.offers.get().pk,
    }  # fmt: skip
    return re.sub(r"<\w+:(\w+)>", lambda found: str(values[found[1]]), path)


def call(world: World, name: str, by: Any, application: Application | None = None) -> Any:
    """Call an operation as its description says, on the application in force."""
    path, item = EVERY[name]
    app = application or world.app
    address = address_of(app, path)
    headers = {}
    if item.tagged:
        of = address.partition("/centres")
        tag = manage(proven(world), "GET", f"{of[0]}{of[1]}" if of[1] else f"{APPLICATIONS}/{app.pk}").headers.get(
            "ETag", ""
        )
        headers = {"If_Match": tag}
    return manage(by, item.method, address, BODIES.get(name), **headers)


@every
def test_it_works_for_a_developer_with_the_scope_and_answers_as_the_document_says(world: World, name: str) -> None:
    answer, described = call(world, name, proven(world)), document()
    item = EVERY[name][1]
    assert answer.status_code == item.success, answer.content
    assert answer.headers["Cache-Control"] == "no-store"
    operation = next(
        found for methods in described["paths"].values() for found in methods.values()
        if found["summary"] == item.summary
    )  # fmt: skip
    told = operation["responses"][str(answer.status_code)]
    schema = told["content"]["application/json"]["schema"] | {"components": described["components"]}
    jsonschema.validate(answer.json(), schema)
    assert set(told["headers"]) - {"X-Request-Id", "Idempotency-Replayed"} == set(answer.headers) & {"ETag", "Location"}


def other_developer(world: World) -> Any:
    return proven(world, people.person("Delia", "Developer", developer_since=1))


def no_developer(world: World) -> Any:
    return proven(world, people.dario())


def operator(world: World) -> Any:
    return proven(world, people.person("Otto", "Operator", platform_role="operator", developer_since=1))


def switched_off(world: World) -> Any:
    User.objects.update(is_active=False)
    return proven(world)


def role_taken(world: World) -> Any:
    User.objects.update(developer_since=None)
    return proven(world)


def scopeless(world: World) -> Any:
    return proven(world, scopes=("openid", "giponext.patients"))


def nobody(_world: World) -> Any:
    return None


REFUSED: dict[str, tuple[Callable[[World], Any], tuple[int, str]]] = {
    "no token": (nobody, (404, "not_found")),  # the gate answers 401: nothing comes here without a caller
    "no scope": (scopeless, (403, "insufficient_scope")),
    "no developer": (no_developer, (403, "forbidden")),
    "an account that is switched off": (switched_off, (403, "forbidden")),
    "a developer no longer": (role_taken, (403, "forbidden")),
}


@pytest.mark.parametrize("who", REFUSED)
def test_whoever_may_not_is_refused_everywhere_and_changes_nothing(world: World, who: str) -> None:
    make, told = REFUSED[who]
    by, before = make(world), everything(world)
    assert {name: error(call(world, name, by)) for name in EVERY} == dict.fromkeys(EVERY, told)
    assert everything(world) == before


def everything(world: World) -> list[list[Any]]:
    team = people.team_of(world.davide)
    kept = (
        Application.objects, world.app.revisions, world.app.secrets, team.members, team.invitations, Transfer.objects,
        Team.objects, world.app.review_messages, world.app.allowed_tenants,
    )  # fmt: skip
    return [list(rows.order_by("pk").values()) for rows in kept]


@pytest.mark.parametrize("who", [other_developer, operator])
def test_what_is_another_developers_does_not_exist(world: World, who: Callable[[World], Any]) -> None:
    by, before = who(world), everything(world)
    found = {name: error(call(world, name, by)) for name in (*OF_ONE, *OF_TEAM)}
    assert found == dict.fromkeys((*OF_ONE, *OF_TEAM), (404, "not_found"))
    assert everything(world) == before


@pytest.mark.parametrize(("given", "refused"), [("Vera", "maintainer"), ("Milo", "owner")])
def test_who_looks_on_changes_nothing_and_who_maintains_changes_no_team(world: World, given: str, refused: str) -> None:
    by, before = proven(world, User.objects.get(given_name=given)), everything(world)
    for name in (*OF_ONE, *OF_TEAM):
        item = EVERY[name][1]
        if not item.changes and name not in OWNERS_ONLY:
            assert call(world, name, by).status_code == 200
        elif name in OWNERS_ONLY or refused == "maintainer":
            if name == "remove_member" and given == "Milo":
                continue  # who leaves by himself
            answer = call(world, name, by)
            of_team = name in OF_TEAM or refused == "owner"
            wanted = "owner" if name in OWNERS_ONLY and of_team else refused
            assert (name, *error(answer), answer.json()["required"]) == (name, 403, "forbidden", wanted)
    assert everything(world) == before


def test_an_application_changes_nothing_of_its_own(world: World) -> None:
    before = everything(world)
    for name in OF_ONE:
        answer = call(world, name, caller(world.davide, application=world.app, grant=world.grant))
        if EVERY[name][1].changes:
            assert (name, *error(answer), answer.json()["layer"]) == (name, 403, "forbidden", "application")
        else:
            assert answer.status_code == 200 or name == "read_draft"
    assert everything(world) == before


def test_reading_takes_either_scope_and_changing_its_own(world: World) -> None:
    for name, (_, item) in EVERY.items():
        answer = call(world, name, proven(world, scopes=("openid", "varco.applications")))
        if item.changes:
            assert (*error(answer), answer.json()["required"]) == (403, "insufficient_scope", "varco.registrations")
        else:
            assert answer.status_code == 200


def test_bodies_are_refused_whole_where_one_field_is_not_known(world: World) -> None:
    assert {name for name, (_, item) in EVERY.items() if item.body} == set(BODIES)
    for name, body in BODIES.items():
        BODIES[name] = body | {"owner": "me"}
        try:
            answer = call(world, name, proven(world))
        finally:
            BODIES[name] = body
        assert error(answer) == (422, "invalid_fields"), name
        assert [(fault["field"], fault["code"]) for fault in answer.json()["fields"]] == [("owner", "unknown_field")]


def test_a_query_and_a_body_that_nobody_reads_are_refused(world: World) -> None:
    for path, item in operations():
        address = address_of(world.app, path)
        asked = manage(proven(world), item.method, f"{address}?submit=1", BODIES.get(item.name))
        assert error(asked) == (400, "invalid_request"), item.name
        assert "submit is not known here" in asked.json()["message"]
        if item.body is None and item.changes:
            assert error(manage(proven(world), item.method, address, {"text": "x"})) == (400, "invalid_request")
            if item.tagged:
                assert error(manage(proven(world), item.method, address, {})) == (428, "precondition_required")


def references(value: Any) -> set[str]:
    if isinstance(value, list):
        return set().union(*map(references, value)) if value else set()
    if not isinstance(value, dict):
        return set()
    own = {value["$ref"]} if isinstance(value.get("$ref"), str) else set()
    return own.union(*map(references, value.values()))


def test_the_document_describes_every_operation_and_every_reference_leads_somewhere(world: World) -> None:
    described = document()
    found = {(method, address) for address, methods in described["paths"].items() for method in methods}
    assert len(found) == len(EVERY) == len(list(operations()))
    schemas = described["components"]["schemas"]
    assert {name.removeprefix("#/components/schemas/") for name in references(described)} <= set(schemas)
    assert schemas["NewApplication"]["additionalProperties"] is False
    assert {"redirectUris", "scopes", "descriptionIt"} <= schemas["NewApplication"]["properties"].keys()
    assert schemas["NewApplication"]["required"] == ["name", "type"]
    assert set(described["components"]["securitySchemes"]["oauth2"]["flows"]["authorizationCode"]["scopes"]) == {
        "varco.applications", "varco.registrations",
    }  # fmt: skip


def test_the_document_is_for_anybody_who_comes_through_the_gate(world: World) -> None:
    assert manage(None, "GET", MANAGEMENT_DOCUMENT).json() == document()
    assert Client().get(MANAGEMENT_DOCUMENT).status_code == 404  # the portal alone serves no management API
    assert set(catalog.current().scopes) >= {"varco.applications", "varco.registrations"}


def test_the_page_tells_of_every_operation_with_its_scope(world: World) -> None:
    page = source.read("docs/management.md")
    one = "/manage/v1/applications/<int:application_id>"
    for path, item in operations():
        short = path.replace(one, "…") if path != one else path
        address = re.sub(r"<\w+:(\w+)>", lambda found: f"{{{camel(found[1])}}}", short)
        row = next(line for line in page.splitlines() if f"`{item.method} {address}`" in line)
        assert f"| `{item.scopes[0]}` |" in row


def test_the_sample_of_the_page_registers_an_application_that_can_be_submitted(world: World) -> None:
    sample = re.search(r"-d '(\{\n.*?\n\})'", source.read("docs/management.md"), re.DOTALL)
    assert sample
    made = manage(proven(world), "POST", APPLICATIONS, json.loads(sample[1]))
    assert (made.status_code, made.json()["faults"]) == (201, [])
