"""`varco makemigrations`: write the migrations that changed models need. For developers: needs no setting and no database."""

import argparse
import os
import tempfile

from varco.ops import master_key
from varco.ops.environment import start_django
from varco.ops.preflight import OperationError


def run(options: argparse.Namespace) -> None:
    """Write what lacks into the apps' `migrations/`; with `--check`, exit with 1 if anything lacks, and write nothing.

    Raises `OperationError`.
    """
    if options.empty and not options.apps:
        raise OperationError("--empty needs the app that the migration is for")
    for name in [name for name in os.environ if name.startswith("VARCO_")]:
        del os.environ[name]
    with tempfile.TemporaryDirectory() as directory:
        # Django opens its databases to compare their history with the files. These three have none.
        os.environ |= {
            "VARCO_ISSUER": "http://localhost",
            "VARCO_DATA_DIR": directory,
            "VARCO_MASTER_KEYS": master_key.new(),
        }
        start_django()
        from django.apps import apps
        from django.core.management import call_command

        ours = [app.label for app in apps.get_app_configs() if app.name.startswith("varco.")]
        call_command(
            "makemigrations", *(options.apps or ours), check_changes=options.check, empty=options.empty, name=options.name,
        )  # fmt: skip
