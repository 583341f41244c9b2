"""What the levels tell of, where a server's own rows would take long to make."""

import pytest

from tests.conftest import FrozenClock
from varco.mail.services import enqueue
from varco.ops.metrics import levels
from varco.ops.metrics.sample_file import series

pytestmark = [pytest.mark.django_db(databases=["default", "clinic", "sandbox"]), pytest.mark.either_engine]


def oldest() -> float:
    return levels.from_databases()[series("varco_mail_oldest_seconds")]


def test_mail_that_is_to_be_sent_later_is_not_late_before(frozen: FrozenClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("django.db.close_old_connections", lambda: None)  # the test's own is one
    enqueue("olga@vendor.example", "Renamed", "It was renamed.", at=frozen.seconds + 3600)
    frozen.advance(3000)
    assert oldest() == 0
    frozen.advance(601)
    assert oldest() == 1
