"""Applications made by the services, as the pages make them."""

from collections.abc import Callable

import pytest

from tests.support import people, registrations
from varco.accounts.models import User
from varco.registry.errors import Conflict
from varco.registry.models import Application


@pytest.fixture
def davide(db: None) -> User:
    return people.davide()


@pytest.fixture
def olga(db: None) -> User:
    return people.olga()


@pytest.fixture
def approved(davide: User, olga: User) -> Callable[..., Application]:
    """`approved(**changes)`: an application of Davide's that Olga has approved."""

    def make(**changes: object) -> Application:
        return registrations.approved(davide, olga, **changes)

    return make


@pytest.fixture
def dora(db: None) -> User:
    return people.person("Dora", "Rivale", developer_since=1)


def code_of(raised: pytest.ExceptionInfo[Conflict]) -> str:
    return str(raised.value.fault.code)
