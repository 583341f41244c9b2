"""Tenants: clinics, production or sandbox, and the people who belong to them (S5, S22, S24).

A `Tenant` is the organisation; its clinical data (`varco.clinical`) stands in the database that it names, `clinic` or
`sandbox`, and a check constraint keeps the two apart. A `Membership` says as what a person works there and with which
permissions of the catalogue; everybody has one at most. `queries` answers who works for a tenant now, and which one
somebody manages.

Words: *tenant* in code, *medical centre* in words for people, *clinical* for the data; a *manager* answers for a tenant.
"""
