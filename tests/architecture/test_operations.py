"""A walk over every declared operation of the API: nobody reaches another clinic, and both layers refuse by themselves."""
# ruff: noqa: F811 - fixtures are arguments by the name they are imported by

from collections.abc import Callable

import pytest

from tests.conftest import FrozenClock
from tests.gate.conftest import (  # noqa: F401 - pytest finds these fixtures here
    TestClient,
    bearing,
    gate,
    make_gate,
    settings_of_gate,
    signing_keys,
    tokens,
)
from tests.support import people
from varco import catalog
from varco.accounts.models import User
from varco.clinical.models import Patient
from varco.gate.api import registry
from varco.gate.api.operations import Operation

IDENTITY = [item for item in registry.operations if not item.of_tenant]
CLINICAL = [item for item in registry.operations if item.of_tenant]
every_clinical = pytest.mark.parametrize("operation", CLINICAL, ids=lambda item: item.name)


def patient(clinic: User) -> int:
    tenant = clinic.membership.tenant
    made = Patient.objects.using(tenant.database).create(
        tenant_id=tenant.public_id, first_name="Mario", last_name="Rossi", search_name="rossi mario"
    )
    return int(made.pk)


# Makes an object of somebody's clinic for each id that can stand in a path.
OBJECTS: dict[str, Callable[[User], int]] = {"patientId": patient}


def address(operation: Operation, user: User, *, objects_of: User | None = None) -> str:
    """The operation's address at the user's clinic, with objects of that clinic unless another one's are asked for."""
    path = operation.path.replace("{tenantId}", user.membership.tenant.public_id)
    for name in operation.object_ids:
        path = path.replace(f"{{{name}}}", str(OBJECTS[name](objects_of or user)))
    return path


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


def test_there_are_operations_to_walk() -> None:
    assert {item.name for item in CLINICAL} >= {"list_patients", "get_patient"}
    assert {item.name for item in IDENTITY} >= {"get_userinfo"}


@every_clinical
def test_with_scope_and_permission_it_answers(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    answer = gate.request(operation.method, address(operation, almighty), headers=access(gate, almighty, app))
    assert answer.status_code not in {401, 403, 404}, answer.text


@every_clinical
def test_another_clinic_does_not_exist(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    lia = people.lia()
    lia.membership.permissions = " ".join(catalog.current().permissions)
    lia.membership.save()
    token = access(gate, lia, app)
    theirs = gate.request(operation.method, address(operation, almighty), headers=token)
    nobodys = gate.request(
        operation.method, address(operation, almighty).replace("tenant-aurora", "tenant-none"), headers=token
    )
    assert theirs.status_code == nobodys.status_code == 404
    assert {**theirs.json(), "requestId": ""} == {**nobodys.json(), "requestId": ""}


@pytest.mark.parametrize("operation", [item for item in CLINICAL if item.object_ids], ids=lambda item: item.name)
def test_an_object_of_another_clinic_does_not_exist(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    path = address(operation, almighty, objects_of=people.lia())
    assert gate.request(operation.method, path, headers=access(gate, almighty, app)).status_code == 404


@every_clinical
def test_a_token_without_the_scope_is_refused_by_the_scope_layer(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    others = " ".join(name for name in catalog.current().scopes if name != operation.scope)
    answer = gate.request(operation.method, address(operation, almighty), headers=access(gate, almighty, app, others))
    assert answer.status_code == 403
    assert answer.json() | {"layer": "scope", "required": operation.scope} == answer.json()


@every_clinical
def test_a_scope_that_left_the_approved_registration_is_refused_by_the_application_layer(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    token = access(gate, almighty, app)
    app.revision.scopes = [scope for scope in app.revision.scopes if scope["name"] != operation.scope]
    app.revision.save()
    app.application.version += 1
    app.application.save()
    answer = gate.request(operation.method, address(operation, almighty), headers=token)
    assert answer.status_code == 403
    assert answer.json() | {"layer": "application", "required": operation.scope} == answer.json()


@every_clinical
def test_a_person_without_the_permission_is_refused_by_the_permission_layer(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    token = access(gate, almighty, app)
    held = almighty.membership
    held.permissions = " ".join(name for name in catalog.current().permissions if name != operation.permission)
    held.save()
    answer = gate.request(operation.method, address(operation, almighty), headers=token)
    assert answer.status_code == 403
    assert answer.json() | {"layer": "permission", "required": operation.permission} == answer.json()


@pytest.mark.parametrize("operation", registry.operations, ids=lambda item: item.name)
def test_without_a_token_nobody_learns_anything(
    operation: Operation,
    gate: TestClient,
    app: people.Registered,
    almighty: User,
) -> None:
    path = address(operation, almighty) if operation.of_tenant else operation.path
    for headers in ({}, bearing("not.a.token")):
        answer = gate.request(operation.method, path, headers=headers)
        assert answer.status_code == 401
        assert answer.headers["www-authenticate"].startswith("Bearer")


def test_every_path_below_the_api_is_a_declared_operation() -> None:
    assert [item.path for item in CLINICAL if not (item.scope and item.permission)] == []
    assert [item.path for item in IDENTITY if item.scope or item.permission] == []
