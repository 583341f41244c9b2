"""Grants: what a person lets an application do for them at a medical centre, from the request to its end (RFC 6749, S17 to S21).

The flow: the authorization endpoint begins an *interaction* (`interactions`), one row for a request on its way through
sign-in and consent; `consent_request` says what is asked for, `queries.eligibility_of` whether the person may use the
application at all; `services.issue_code` remembers the *consent* and makes a *grant*, whose code, tokens and rotations the
gate writes with SQL of its own. A device takes the same way through `device_approval`.

`services/` gives, narrows and ends; `session_end` is what the end of a browser session means to grants, and writes
*notices*, which `logout_worker` sends. `models/` has a file for each kind of row, those of the gate included.

Words: a *consent* is what somebody accepted of an application, remembered until withdrawn; a *grant* one authorization,
`code → active → ended`, never more than its consent; *parties* are person, medical centre and application together.
"""
