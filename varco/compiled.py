"""Queries of Django's whose SQL is made once a thread, for what requests read and add all the time.

Making SQL of a query costs Django some ten times what the database takes to find a row by its key. Here a query is written as
everywhere else, with parameters in the place of values; its SQL is kept, and values are bound to it. How rows become
objects is Django's own.
"""

import inspect
import threading
from collections.abc import Callable
from typing import Any, ClassVar, Generic, TypeAlias, TypeVar

from django.db import connections, router
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.sql import InsertQuery
from django.db.transaction import TransactionManagementError, mark_for_rollback_on_error

Row = TypeVar("Row")
Entity = TypeVar("Entity", bound=Model)
AnyField: TypeAlias = "Field[Any, Any]"
_FITS = (-(2**63), 2**63 - 1)  # integers that columns hold


class Parameter(Expression):
    """What stands in a query for a value that is not known yet."""

    def __init__(self, name: str, field: AnyField) -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> Any:  # noqa: ARG002 - Django's signature
        """A placeholder, with the parameter itself in the place of its value."""
        return "%s", [self]


class Compiled(Generic[Row]):
    """A query that is compiled when a thread first asks it: `Compiled(lambda user: ….filter(user=user), user=BigIntegerField())`.

    Each parameter of the function is named with the field that takes its values. Called with values of these names, it answers
    with the rows that the query finds now. It lists itself in `everything`, for the test that asks each of them.
    """

    everything: ClassVar[list["Compiled[Any]"]] = []

    def __init__(self, query: Callable[..., QuerySet[Any, Row]], **fields: AnyField) -> None:
        if list(inspect.signature(query).parameters) != list(fields):
            raise TypeError("each parameter of a compiled query has a field")
        self.query = query
        self.fields = fields
        self._thread = threading.local()
        self.everything.append(self)

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values. Raises `TypeError` unless every parameter is named, and nothing else."""
        if values.keys() != self.fields.keys():
            raise TypeError(f"a compiled query has the parameters {', '.join(self.fields)}, not {', '.join(values)}")
        if any(isinstance(value, int) and not _FITS[0] <= value <= _FITS[1] for value in values.values()):
            return []  # no column holds it, and a database would say so as a fault
        queryset, compiler = self._compiled()
        compiler.values = values
        return list(queryset._iterable_class(queryset))

    def only(self, **values: Any) -> Row | None:
        """The one row that a query by a unique key finds; None without one."""
        return next(iter(self(**values)), None)

    def _compiled(self) -> tuple[Any, Any]:
        """The query and what compiled it, for the connection that this thread has now."""
        known: tuple[Any, Any] | None = getattr(self._thread, "known", None)
        if known is None or known[1].connection is not connections[known[0].db]:
            known = self._thread.known = _compile(self.query, self.fields)
        return known


def _compile(query: Callable[..., QuerySet[Any, Any]], fields: dict[str, AnyField]) -> tuple[Any, Any]:
    queryset: Any = query(**{name: Parameter(name, field) for name, field in fields.items()})
    compiler = queryset.query.get_compiler(using=queryset.db)
    connection, locks = compiler.connection, queryset.query.select_for_update
    sql, parameters = compiler.as_sql()
    if {parameter.name for parameter in parameters if isinstance(parameter, Parameter)} != fields.keys():
        raise TypeError("a compiled query uses all of its parameters")
    converters = compiler.get_converters([column for column, _, _ in compiler.select[: compiler.col_count]])

    def value(parameter: object) -> object:
        if isinstance(parameter, Parameter):
            return parameter.output_field.get_db_prep_value(compiler.values[parameter.name], connection)
        return parameter

    def executed(**_: Any) -> Any:
        if locks and connection.features.has_select_for_update and connection.get_autocommit():
            raise TransactionManagementError("select_for_update cannot be used outside of a transaction.")
        with connection.cursor() as cursor:
            cursor.execute(sql, [value(parameter) for parameter in parameters])
            return cursor.fetchall()

    def rows(results: Any = None, *, tuple_expected: bool = False, **_: Any) -> Any:
        found = executed() if results is None else results
        if not converters:
            return iter(found)
        converted = compiler.apply_converters(found, converters)
        return map(tuple, converted) if tuple_expected else converted

    # What Django's iterables of rows and objects ask, every time they are asked.
    compiler.execute_sql, compiler.results_iter = executed, rows
    queryset.query.get_compiler = lambda *_, **__: compiler
    return queryset, compiler


class Added(Generic[Entity]):
    """Adds rows of a model, as `Model.objects.create` does but for its signals, and for a key that the database gives: it is not read back."""

    def __init__(self, model: type[Entity]) -> None:
        self._model = model
        self._thread = threading.local()

    def __call__(self, row: Entity) -> None:
        """Add a row. Raises what the database raises."""
        alias = router.db_for_write(self._model)
        connection, keyed = connections[alias], row.pk is not None
        known: dict[bool, Any] = self._thread.__dict__.setdefault("known", {})
        if keyed not in known or known[keyed][0] is not connection:
            known[keyed] = connection, *_insert(self._model, row, alias, keyed=keyed)
        _, sql, fields = known[keyed]
        with mark_for_rollback_on_error(using=alias), connection.cursor() as cursor:
            cursor.execute(sql, [field.get_db_prep_save(field.pre_save(row, add=True), connection) for field in fields])
        row._state.adding, row._state.db = False, alias


def _insert(model: type[Model], row: Model, alias: str, *, keyed: bool) -> tuple[str, list[AnyField]]:
    """What adds a row like this one, and which fields it takes."""
    fields: list[AnyField] = [field for field in model._meta.local_concrete_fields if keyed or not field.primary_key]
    query: Any = InsertQuery(model)
    query.insert_values(fields, [row])
    compiler = query.get_compiler(using=alias)
    compiler.returning_fields = None
    ((sql, _values),) = compiler.as_sql()
    return sql, fields
