"""The management API: JSON for the programs of developers, over the same queries and services as the portal's pages.

A request comes here through the gate, which has verified its access token and put the caller into the ASGI scope
(`varco.caller`). `middleware.answer` stands before all of Django's other middleware, so there is no session, cookie or CSRF
token; it finds the view in `urls`. A view is an `operation`: it declares its scope and its role, and both are checked before it
runs. Errors are those of the API (S29).

*Caller*: what the gate has proven. *Operation*: a method and path with the scope and the role it needs.
"""
