"""Views."""

from django.http import Http404, HttpRequest, HttpResponse


def index(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def new(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def guide(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def client(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def revise(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def submit(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def withdraw(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def details(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def retire(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def new_secret(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def revoke_secret(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def refusals(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404


def refusal(request: HttpRequest, **kwargs: object) -> HttpResponse:
    raise Http404
