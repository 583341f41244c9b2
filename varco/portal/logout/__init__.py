"""The end session endpoint: signing out because an application asks for it (OpenID Connect RP-Initiated Logout 1.0).

The flow: `views.start` parses the parameters, `request.check_request` reads ID token hint and client and applies every rule;
the person is signed out at once where the hint is of this very browser session, and asked on a page otherwise. Afterwards
the browser goes to the address that the client registered, or to a page of ours.

Words: the *state* is the checked request, sealed while it travels through the page that asks; a *hint* is an ID token of
ours that says who is meant. Back-channel notices to other applications are `grants.session_end`'s.
"""
