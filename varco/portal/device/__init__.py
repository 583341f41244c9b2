"""The page `/device`, where a person approves a device that shows them a code (RFC 8628 §3.3).

The flow: `views.device` asks for the code (`user_code`, whose tries are counted) and keeps the request in the session as
*confirmed* (`confirmed_code`); `state.load_state` reads request, client, person and consent; the consent page asks whether
the person began it; accepting makes a grant that the device gets when it next polls, refusing tells it so. `pages` are the
pages, `qr` the code as a picture.

Words: a *user code* is the short one people type, a *device code* the secret one that the device polls with; a request is
*waiting* until somebody answers or its time is up.
"""
