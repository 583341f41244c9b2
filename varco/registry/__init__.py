"""Registry: OAuth clients ("applications") from registration to retirement (RFC 7591 in substance, S10 to S19).

The flow: a developer's entries become a `registration.Registration`; `validation` checks it field by field; `services`
lock the application, ask `lifecycle` whether the act is possible and write a `Revision`; an operator reads it beside
`evidence` (findings of `lint`, neighbours, earlier decisions) and decides; `queries.client` hands what is in force to
the protocol.

Words: an *application* is a client, a *revision* its metadata at one time, *live* the one in force; the *stamp* is a
digest of what a person saw before acting. `access` says who stands on which side, and nobody else reads whose an
application is. Faults, findings and notifications are codes here (`fault_codes`, `lint.FindingCode`, `notifications`);
faces word them.
"""
