"""A walk over every operation of the API: nobody reaches another clinic, both layers refuse by themselves, and it works."""
# ruff: noqa: F811 - fixtures are arguments by the name they are imported by

import ast
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import urlencode

import pytest
from django.apps import apps
from httpx import Response

from tests.conftest import FrozenClock
from tests.gate.conftest import (  # noqa: F401 - pytest finds these fixtures here
    TestClient,
    bearing,
    gate,
    make_gate,
    settings_of_gate,
    signing_keys,
    tokens,
    written,
)
from tests.support import people, source
from tests.support.operation_objects import BODIES, BOOKED, OBJECTS, PREPARED, QUERIES, bookable
from varco import catalog
from varco.accounts.models import User
from varco.clinical.models import (
    AccessRecord,
)
from varco.gate.api.operations import Declaration, Operation, served
from varco.gate.api.resources import OPERATIONS
from varco.grants.models import Grant
from varco.registry.models import BlockedApplication

SERVED = served(OPERATIONS, catalog.current())
IDENTITY = [item for item in SERVED if not item.of_tenant]
CLINICAL = [item for item in SERVED if item.of_tenant]
READING = {name: resource.read_scope for name, resource in catalog.current().api.items()}
WRITING = [item for item in CLINICAL if item.plan]


def named(item: Operation) -> str:
    return item.name


every_clinical = pytest.mark.parametrize("operation", CLINICAL, ids=named)


def address(operation: Operation, user: User, *, objects_of: User | None = None) -> str:
    """The operation's address at the user's clinic, with objects of that clinic unless another one's are asked for."""
    path = operation.path.replace("{tenantId}", user.membership.tenant.public_id)
    for name in operation.object_ids:
        made = OBJECTS[name](objects_of or user)
        path = path.replace(f"{{{name}}}", str(made))
    if prepare := PREPARED.get(operation.name):
        prepare(made)
    if operation.name in BOOKED:
        bookable(user)
    if operation.name in QUERIES:
        path += f"?{urlencode(QUERIES[operation.name](objects_of or user))}"
    return path


def call(gate: TestClient, operation: Operation, path: str, headers: dict[str, str]) -> Response:
    """Call an operation as its description says."""
    if operation.current is not None:
        headers = headers | {"If-Match": '"1"'}
    body = BODIES.get(operation.name)
    return gate.request(operation.method, path, headers=headers, json=body() if callable(body) else body)


@pytest.fixture
def app(transactional_db: None, frozen: FrozenClock) -> people.Registered:
    """An application that may ask for everything there is."""
    return people.application(people.davide(), scopes=[people.scope(name) for name in catalog.current().scopes])


@pytest.fixture
def almighty(app: people.Registered) -> User:
    """Somebody of Aurora with every permission."""
    dario = people.dario()
    dario.membership.permissions = " ".join(catalog.current().permissions)
    dario.membership.save()
    return dario


def everything() -> str:
    return " ".join(catalog.current().scopes)


def access(gate: TestClient, user: User, app: people.Registered, scopes: str = "") -> dict[str, str]:
    return bearing(tokens(gate, user, app, scopes or everything())["access_token"])


def test_every_declared_operation_stands_in_the_table_of_routes() -> None:
    declared = {
        f"{source.name(path)}: {node.name}"
        for path in source.python("varco")
        if path.parts[-4:-2] == ("gate", "api")
        for node in source.functions(path)
        if any(
            "_operation" in ast.unparse(decorator) or "identity" in ast.unparse(decorator)
            for decorator in node.decorator_list
        )
    }
    assert {item.name for item in OPERATIONS} == {name.rpartition(": ")[2] for name in declared}
    assert len(SERVED) == len(OPERATIONS) == len({item.name for item in OPERATIONS})


def test_every_id_and_every_body_has_its_row_in_the_tables_of_this_walk() -> None:
    assert {name for item in CLINICAL for name in item.object_ids} == set(OBJECTS)
    assert {item.name for item in CLINICAL if item.body} == set(BODIES)
    assert {item.name for item in CLINICAL if item.compulsory} == set(QUERIES)


@every_clinical
def test_with_scope_and_permission_it_succeeds(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    answer = call(gate, operation, address(operation, almighty), access(gate, almighty, app))
    assert answer.status_code == operation.success, answer.text


@pytest.mark.parametrize("operation", WRITING, ids=named)
def test_a_write_is_recorded_with_who_did_what_through_what(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    answer = call(gate, operation, address(operation, almighty), access(gate, almighty, app))
    written(gate)
    record = AccessRecord.objects.using("clinic").get(operation=operation.audit, outcome="ok")
    assert (record.person, record.tenant_id) == (almighty.public_id, almighty.membership.tenant.public_id)
    assert (record.application_id, record.request_id) == (app.application.pk, answer.headers["x-request-id"])


@pytest.mark.either_engine
@every_clinical
def test_another_clinic_does_not_exist(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    lia = people.lia()
    lia.membership.permissions = " ".join(catalog.current().permissions)
    lia.membership.save()
    token = access(gate, lia, app)
    theirs = call(gate, operation, address(operation, almighty), token)
    nobodys = call(gate, operation, address(operation, almighty).replace("tenant-aurora", "tenant-none"), token)
    assert theirs.status_code == nobodys.status_code == 404
    own = {"requestId": "", "errorUri": ""}
    assert theirs.json() | own == nobodys.json() | own


@pytest.mark.parametrize("operation", [item for item in CLINICAL if item.object_ids], ids=named)
def test_an_object_of_another_clinic_does_not_exist(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    path = address(operation, almighty, objects_of=people.lia())
    assert call(gate, operation, path, access(gate, almighty, app)).status_code == 404


@pytest.mark.either_engine
@every_clinical
def test_a_token_without_the_scope_is_refused_by_the_scope_layer(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    enough = {operation.scope, operation.narrower}
    others = " ".join(name for name in catalog.current().scopes if name not in enough)
    answer = call(gate, operation, address(operation, almighty), access(gate, almighty, app, others))
    assert answer.status_code == 403
    assert answer.json() | {"layer": "scope", "required": operation.scope} == answer.json()


@pytest.mark.either_engine
@pytest.mark.parametrize("operation", [item for item in CLINICAL if READING[item.resource]], ids=named)
def test_the_scope_for_reading_alone_does_for_what_reads(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    reading = access(gate, almighty, app, READING[operation.resource])
    answer = call(gate, operation, address(operation, almighty), reading)
    assert (answer.status_code == operation.success) == (operation.access == "read")
    assert answer.status_code in {operation.success, 403}


@every_clinical
def test_a_scope_that_left_the_approved_registration_is_refused_by_the_application_layer(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    token = access(gate, almighty, app)
    app.revision.scopes = [
        scope for scope in app.revision.scopes if scope["name"] not in {operation.scope, operation.narrower}
    ]
    app.revision.save()
    app.application.version += 1
    app.application.save()
    answer = call(gate, operation, address(operation, almighty), token)
    assert answer.status_code == 403
    assert answer.json() | {"layer": "application", "required": operation.scope} == answer.json()


@pytest.mark.either_engine
@every_clinical
def test_a_person_without_the_permission_is_refused_by_the_permission_layer(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    token = access(gate, almighty, app)
    held = almighty.membership
    held.permissions = " ".join(name for name in catalog.current().permissions if name != operation.permission)
    held.save()
    answer = call(gate, operation, address(operation, almighty), token)
    assert answer.status_code == 403
    assert answer.json() | {"layer": "permission", "required": operation.permission} == answer.json()


@every_clinical
def test_an_application_that_the_clinic_blocked_meets_the_tenant_policy(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    token = access(gate, almighty, app)
    tenant = almighty.membership.tenant
    BlockedApplication.objects.create(tenant=tenant, application=app.application, blocked_by=almighty)
    answer = call(gate, operation, address(operation, almighty), token)
    assert (answer.status_code, answer.json()["layer"]) == (403, "tenant policy")


class Ended(NamedTuple):
    """Something that a token stands on, and how it ends."""

    what: str
    end: Callable[[User, people.Registered], Any]


ENDED = [
    Ended("grant", lambda _user, _app: Grant.objects.update(state="ended")),
    Ended("application", lambda _user, app: type(app.application).objects.update(state="suspended")),
    Ended("membership", lambda user, _app: type(user.membership).objects.update(active=False)),
]


@pytest.mark.parametrize("ended", ENDED, ids=lambda item: item.what)
@pytest.mark.parametrize("operation", SERVED, ids=named)
def test_what_has_ended_is_dead_on_the_next_request(
    operation: Operation, ended: Ended, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    token = access(gate, almighty, app)
    path = address(operation, almighty) if operation.of_tenant else operation.path
    ended.end(almighty, app)
    answer = call(gate, operation, path, token)
    assert (answer.status_code, answer.json()["error"]) == (401, "invalid_token")


@pytest.mark.either_engine
@pytest.mark.parametrize("operation", SERVED, ids=named)
def test_without_a_token_nobody_learns_anything(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    path = address(operation, almighty) if operation.of_tenant else operation.path
    for headers in ({}, bearing("not.a.token")):
        answer = call(gate, operation, path, headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def clinical_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row that clinics keep, by table; but for the record that somebody asked."""
    models = apps.get_app_config("clinic").get_models()
    return {
        model._meta.db_table: list(model._default_manager.using("clinic").order_by("pk").values())
        for model in models
        if model is not AccessRecord
    }


@pytest.mark.parametrize("operation", WRITING, ids=named)
def test_what_is_refused_has_changed_nothing(
    operation: Operation, gate: TestClient, app: people.Registered, almighty: User
) -> None:
    path = address(operation, almighty)
    before = clinical_rows()
    others = " ".join(name for name in catalog.current().scopes if name != operation.scope)
    assert call(gate, operation, path, access(gate, almighty, app, others)).status_code == 403
    assert call(gate, operation, path, {}).status_code == 401
    assert clinical_rows() == before


def test_every_path_below_the_api_is_a_declared_operation() -> None:
    assert [item.path for item in CLINICAL if not (item.scope and item.permission)] == []
    assert [item.path for item in IDENTITY if item.scope or item.permission] == []
    assert [item.name for item in WRITING if not item.audit] == []
    assert all(isinstance(item, Declaration) for item in OPERATIONS)
