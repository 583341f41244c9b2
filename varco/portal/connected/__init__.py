"""Connected applications: what each may do for the signed-in person, and taking it back (S21).

`views` lists the person's own consents, leaves one with the scopes that are still switched on, and withdraws it
whole; `grants.services` ends the grants in the same transaction.

Words: a *connection* is an application with the person's consent and what it holds open
(`grants.queries.Connection`).
"""
