"""The request as a view of the portal gets it: Django's, with what our middleware has put onto it."""

from django.http import HttpRequest

from varco.accounts.models import User


class PortalRequest(HttpRequest):
    """A request of anybody. The class is for the type checker: at run time it is Django's own."""

    request_id: str
    """Names the request in `X-Request-Id`, on error pages, in the audit and in the developer's trace."""
    form_may_leave: bool
    """Whether a form of the answer may be answered by a redirect to an application (no CSP `form-action`)."""
    LANGUAGE_CODE: str


class SignedInRequest(PortalRequest):
    """A request of a person who is signed in, as every page of a role but `ANYONE` gets it."""

    user: User
