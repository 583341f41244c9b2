"""A catalogue in which operations are deprecated, as a vendor's file would say it."""

from pathlib import Path

from varco.catalog.loading import BUILT_IN

LIST_PATIENTS = "GET /v2/tenants/{tenantId}/patients"
READ_PATIENT = "GET /v2/tenants/{tenantId}/patients/{patientId}"
ADD_PATIENT = "POST /v2/tenants/{tenantId}/patients"
AGENDAS = "GET /v2/tenants/{tenantId}/agendas"
USERINFO = "GET /v2/userinfo"

CHANGE = "patients-by-cursor"
TITLE = "Listing patients will change"
SINCE, SUNSET = "2026-12-01", "2027-12-01"


def change(*operations: str, id: str = CHANGE, kind: str = "deprecated") -> str:  # noqa: A002 - its name in the file
    named = ", ".join(f'"{name}"' for name in operations)
    return f"""
[[changes]]
id = "{id}"
date = 2026-11-30
kind = "{kind}"
operations = [{named}]
title = {{ en = "{TITLE}", it = "L'elenco dei pazienti cambierà" }}
text = {{ en = "Use the newer <list> & pages.", it = "Usate l'elenco <nuovo> & le sue pagine." }}
"""


def deprecation(operation: str, *, sunset: str = SUNSET, change: str = CHANGE) -> str:
    end = f"sunset = {sunset}\n" if sunset else ""
    return f'\n[[deprecations]]\noperation = "{operation}"\nsince = {SINCE}\n{end}change = "{change}"\n'


def catalogue(directory: Path, *operations: str, sunset: str = SUNSET) -> str:
    """Path of the built-in catalogue with these operations deprecated by one change."""
    parts = [BUILT_IN.read_text("utf-8"), change(*operations)]
    parts += [deprecation(operation, sunset=sunset) for operation in operations]
    path = directory / "catalogue.toml"
    path.write_text("\n".join(parts), "utf-8")
    return str(path)
