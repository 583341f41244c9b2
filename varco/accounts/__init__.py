"""Accounts: people who can sign in, one account each (S1 to S9).

An account says who somebody is (`public_id` is the `sub` of OpenID Connect) and what they are to the vendor: operator,
support, developer. What they may do in a clinic stands in their membership (`varco.tenants`), never here. Sign-in
itself, second factors and passwords are django-allauth's, configured in `varco.portal`; `queries` is how other apps
read accounts.

Words: an *operator* reviews applications, a *developer* registers them (`developer_since`), and both may be one person,
though never for the same application.
"""
