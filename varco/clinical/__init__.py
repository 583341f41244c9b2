"""Clinical data: what a tenant keeps of its patients and calendars.

The tables stand in the `clinic` database for production and in `sandbox` for invented data, and carry `tenant_id` as
plain text: no foreign key leaves the database. Who may see a row is decided before it is asked for, by
the gate; nothing here knows of applications or grants. `names`, `patients` and `fiscal_code` are pure rules, `seed` makes
invented data.

Words: a *patient* is a person the tenant treats, an *agenda* a calendar that appointments are booked in. Beside them stand
an *idempotency key*, the answer of a write that is told again, and a *pending event*, the audit row of a write until the gate
has carried it over into the platform's audit.
"""
