"""The HTML face of Varco, the control plane: everything that a person does in a browser.

A request passes the middleware of `settings.py` (id and host, security headers, static files, session, language,
CSRF, the signed-in person), is matched in `urls.py` against the addresses of its area, and comes to a view declared
with `common.page.page(role, methods)`. The view reads through the apps' `queries`, acts through their `services`, and
renders a template of `templates/`, made of the components of `templatetags/ui.py`. What a service refuses becomes an
answer in `common.forms.answered`; errors become pages in `errors.py`.

Areas, a folder each: `authorize`, `device` and `logout` are the browser's side of the protocol; `account` and
`connected` are everybody's own; `developer`, `staff` and `clinic` are the pages of a role; `demo` exists in the demo
alone. They import from `common` and never from each other.

Words: a *page* is a declared view; a *role* says to whom it exists; the *plate* is what pages call a `client_id`.
"""
