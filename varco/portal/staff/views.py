"""Views."""

from django.http import Http404, HttpRequest, HttpResponse


def queue(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def review(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def everything(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def application(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def suspend(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def restore(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def pkce(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
