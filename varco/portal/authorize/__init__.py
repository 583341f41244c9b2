"""The authorization endpoint, sign-in and consent (RFC 6749 §3.1, OpenID Connect Core §3.1.2).

The flow: `views.start` parses the parameters; `state.check_request` reads the client and applies every rule; an interaction
is begun, and `state.state_of` adds the person and what they accepted before. `protocol.authorization_step` decides what comes now; `flow`
takes the step: a redirect to sign-in, a page (`pages`, `sign_in_again`, `common.consent`), or the answer (`response`). Every
step leads back to `views.proceed`, which loads the state anew; within one request it is read once and handed on.

Beside the gate, a request that needs no page is answered there before it comes here (`gate.oauth.authorization`, decision 51).

`browser_binding` keeps an interaction in the browser that began it; `waiting_application` lets the sign-in page say for
whom. Words: the *state* is everything a step is decided from; the *target* where the client's answer goes; a request is
*refused* to its target, or on a page where no target can be trusted.
"""
