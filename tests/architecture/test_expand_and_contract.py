"""Migrations that the last release survives: it goes on answering while `varco migrate` runs and until its workers are replaced.

`tests/ops/test_upgrade.py` runs that release on this version's schema; here is what that could overlook.
"""

from collections.abc import Iterator

import pytest
from django.db import models
from django.db.migrations import operations
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.migration import Migration
from django.db.migrations.operations.base import Operation
from django.db.models.fields import NOT_PROVIDED

from tests.support import previous_release

CONTRACTED: dict[tuple[str, str], str] = {}
"""Migrations that take away what the last release does not use any more: app and name, and since which version it does not."""

TAKES_AWAY = (
    operations.RemoveField, operations.DeleteModel, operations.RenameField, operations.RenameModel, operations.AlterModelTable,
    operations.RemoveIndex, operations.RunSQL,
)  # fmt: skip


@pytest.fixture
def loader(db: None) -> MigrationLoader:
    return MigrationLoader(None)


def own(loader: MigrationLoader) -> Iterator[tuple[str, Migration]]:
    """The migrations of Varco's apps, with the folder of the app."""
    for migration in loader.disk_migrations.values():
        module = type(migration).__module__
        if module.startswith("varco."):
            yield module.split(".")[1], migration


def since_the_last_release(loader: MigrationLoader) -> Iterator[tuple[str, str, Operation]]:
    released = previous_release.migrations()
    for folder, migration in own(loader):
        if (folder, migration.name) not in released:
            yield from ((folder, migration.name, operation) for operation in migration.operations)


def survives(field: "models.Field[object, object]") -> bool:
    """Whether an INSERT that does not know the column succeeds."""
    return field.null or field.db_default is not NOT_PROVIDED or field.many_to_many or field.primary_key


def test_the_last_release_has_migrations() -> None:
    assert ("registry", "0001_initial") in previous_release.migrations()


def test_a_column_that_came_later_is_filled_by_the_database(loader: MigrationLoader) -> None:
    state = loader.project_state()
    later = []
    for _, migration in own(loader):
        made = {item.name.lower() for item in migration.operations if isinstance(item, operations.CreateModel)}
        for item in migration.operations:
            if isinstance(item, operations.AddField) and item.model_name_lower not in made:
                model = state.models.get((migration.app_label, item.model_name_lower))
                field = model.fields.get(item.name) if model else None
                if field is not None and not survives(field):
                    later.append(f"{migration.app_label}.{item.model_name}.{item.name}")
    assert later == []


def test_nothing_that_the_last_release_uses_is_taken_away(loader: MigrationLoader) -> None:
    taken = [
        (folder, name, type(operation).__name__)
        for folder, name, operation in since_the_last_release(loader)
        if isinstance(operation, TAKES_AWAY) and (folder, name) not in CONTRACTED
    ]
    assert taken == []


def test_no_column_becomes_compulsory_that_the_last_release_leaves_empty(loader: MigrationLoader) -> None:
    before = MigrationLoader(None)
    known = [key for key, item in before.disk_migrations.items() if not type(item).__module__.startswith("varco.")]
    released = previous_release.migrations()
    known += [(item.app_label, item.name) for folder, item in own(before) if (folder, item.name) in released]
    old = before.project_state([key for key in known if key in before.graph.nodes])
    narrower = []
    for folder, name, operation in since_the_last_release(loader):
        if isinstance(operation, operations.AlterField):
            label = next(item.app_label for where, item in own(loader) if (where, item.name) == (folder, name))
            model = old.models.get((label, operation.model_name_lower))
            field = model.fields.get(operation.name) if model else None
            if field is not None and field.null and not survives(operation.field):
                narrower.append(f"{folder} {name}: {operation.model_name}.{operation.name}")
    assert narrower == []
