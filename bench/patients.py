"""Gives a clinic of the bench very many patients: run as its own process, with the tenant's public id and a number."""

import sys

from varco.ops.environment import start_django


def main(tenant_id: str, patients: int) -> None:
    """Write so many, named as the demo's patients are, and let the engine count them."""
    start_django()
    from django.db import connections

    from varco.clinical.names import search_name
    from varco.clinical.seed.patients import invented

    names = [(person.first_name, person.last_name) for person in invented("bench", 2000)]
    connection = connections["clinic"]
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE given (i integer PRIMARY KEY, first text, last text, search text)")
        rows = [(number, first, last, search_name(last, first)) for number, (first, last) in enumerate(names)]
        cursor.executemany("INSERT INTO given VALUES (%s, %s, %s, %s)", rows)
        cursor.execute(
            """
            WITH RECURSIVE many(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM many WHERE i < %s)
            INSERT INTO clinic_patient (tenant_id, first_name, last_name, search_name, fiscal_code, sex, email, phone, version,
                                        created_at, updated_at)
            SELECT %s, first, last, search, 'FC' || many.i, '', '', '', 1, 0, 0
            FROM many JOIN given ON given.i = many.i * 7919 %% %s
            """,
            (patients, tenant_id, len(names)),
        )
        cursor.execute("ANALYZE")


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
