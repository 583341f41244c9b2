"""The way into the management API, before the middleware of the pages."""

import logging
from collections.abc import Callable

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from varco.caller import MANAGEMENT_DOCUMENT, MANAGEMENT_PATH, SCOPE_KEY, ManagementCaller
from varco.database_away import database_away
from varco.management import errors, openapi
from varco.management.bodies import invalid_fields
from varco.management.registrations import field_faults
from varco.management.wording import in_english, words
from varco.registry.errors import Conflict, Denied, Invalid

logger = logging.getLogger("varco.management")


def answer(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    """Answer what is below `/manage` and pass on everything else."""

    def handle(request: HttpRequest) -> HttpResponse:
        if f"{request.path_info}/".startswith(f"{MANAGEMENT_PATH}/"):
            return _managed(request)
        return get_response(request)

    return handle


def _performed(act: Callable[[], HttpResponse]) -> HttpResponse:
    """The answer of an operation. Raises `ManagementError` for what a service of the registry refuses."""
    try:
        return act()
    except Denied:
        raise errors.not_found() from None
    except Invalid as invalid:
        raise invalid_fields(field_faults(invalid.faults)) from None
    except Conflict as conflict:
        raise errors.conflict(conflict.fault.code, words().fault(conflict.fault)) from None


def caller_of(request: HttpRequest) -> ManagementCaller | None:
    """The caller that the gate has put into the ASGI scope; None for a request that did not come through the gate.

    `asgi.scope` is set by the bridge. Header fields become keys that begin with `HTTP_`, so none of them is ever this one.
    """
    found = request.META.get("asgi.scope", {}).get(SCOPE_KEY)
    return found if isinstance(found, ManagementCaller) else None


def _managed(request: HttpRequest) -> HttpResponse:
    if request.path_info == MANAGEMENT_DOCUMENT and SCOPE_KEY in request.META.get("asgi.scope", {}):
        return openapi.answer()
    caller = caller_of(request)
    if caller is None:
        logger.warning("refused a request for %s that did not come through the gate", MANAGEMENT_PATH)
        return errors.error_response(errors.no_caller())
    try:
        view = resolve(request.path_info, "varco.management.urls")
        with in_english():
            answered = _performed(lambda: view.func(request, caller, **view.kwargs))
    except Http404:
        return errors.error_response(errors.not_found(), caller.request_id)
    except errors.ManagementError as refused:
        return errors.error_response(refused, caller.request_id)
    except SuspiciousOperation:
        return errors.error_response(errors.malformed(), caller.request_id)
    except Exception as fault:
        if database_away(fault):
            logger.warning("answered 503: %s", type(fault).__name__, extra={"request_id": caller.request_id})
            return errors.error_response(errors.unavailable(), caller.request_id)
        logger.exception("answered 500 in the management API", extra={"request_id": caller.request_id})
        return errors.error_response(errors.internal_error(), caller.request_id)
    response: HttpResponse = answered
    return response
