"""Audit: what was done (events) and what was refused (refused requests), who, when and from where (S33, S36).

The flow: an act records an event in its own transaction, with `services.record` in the portal and the apps, as a step
of the same transaction in the gate; `event.event_columns` builds the row for both. A refused OAuth request is kept by
`services.record_refusal` (portal) or the gate's own log, within a limit for each application. `queries` reads them.

Words: a *tag* names an act (`tags.Tag`), the *origin* is the person, address and request it came from, the *subject*
whom it is about. Rows are only added; the sweep of `varco serve` removes old ones.
"""
