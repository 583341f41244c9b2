"""Seeding: invented clinical data for a tenant that has none, of the demo or of a sandbox.

`patients` makes people, purely and always the same ones for one seed; `bookings` makes their appointments around today.
`services.fill` writes them into the tenant's database once. Nothing here knows who asks for it.
"""
