"""Migrations say all that the models say."""

import io

import pytest
from django.core.management import call_command


def test_every_model_change_has_its_migration(db: None) -> None:
    said = io.StringIO()
    try:
        call_command("makemigrations", check=True, dry_run=True, stdout=said, skip_checks=True)
    except SystemExit:
        pytest.fail(said.getvalue())


def test_djangos_own_checks_find_nothing(db: None) -> None:
    said = io.StringIO()
    call_command("check", fail_level="WARNING", stdout=said, stderr=said)
    assert "no issues" in said.getvalue()
