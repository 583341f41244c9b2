"""The page that says why some of OAuth is left out on purpose: `error_uri` leads here (RFC 6749 §5.2, S17)."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.portal.common.page import ANYONE, page


@dataclass(frozen=True, slots=True)
class Topic:
    """One thing that is not there: its anchor, what developers call it, why, and what to do instead."""

    anchor: str
    title: str | Promise
    why: str | Promise
    instead: str | Promise


TOPICS = (
    Topic(
        "client-credentials",
        _("Client credentials"),
        _(
            "With this grant an application would act for itself, with nobody behind it. Here each access is a person's: "
            "which medical centre it reaches, and what it may do there, follow from the person who has signed in, and the "
            "centre can read in its records who it was."
        ),
        _(
            "Let a person of the centre sign in once through the application, with the authorization code or, where there "
            "is no browser, the device code. With the scope offline_access the application then goes on alone, until the "
            "person withdraws it."
        ),
    ),
    Topic(
        "password",
        _("Passwords (resource owner password credentials)"),
        _(
            "Whoever types a password into an application gives it everything, cannot take it back, and learns to type it "
            "anywhere. Nor does a second factor or a passkey fit into such a form. RFC 9700, section 2.4, forbids it."
        ),
        _(
            "Send people to our sign-in page with the authorization code and PKCE. A native application opens the browser."
        ),
    ),
    Topic(
        "implicit",
        _("Implicit and hybrid answers"),
        _(
            "They put tokens into the address of the browser, where history, logs and other pages can read them, and "
            "nothing binds them to the application that asked. RFC 9700, section 2.1.2, advises against them."
        ),
        _(
            "Use response_type=code with PKCE. It works in single-page applications too: the token endpoint answers their scripts."
        ),
    ),
    Topic(
        "token-exchange",
        _("Token exchange"),
        _(
            "A token is the yes of one person to one application. If it could be exchanged for another application's, "
            "nobody would have been asked about that one."
        ),
        _(
            "Let each application ask people itself. A service behind yours that only has to know whether a token is good "
            "gets it from you, and you ask the introspection endpoint."
        ),
    ),
    Topic(
        "assertions",
        _("Assertions in place of a person (JWT and SAML bearer grants)"),
        _("A statement that your server signs proves your server, not that a person has signed in here and said yes."),
        _(
            "Use the authorization code. Your signature has its place all the same: with private_key_jwt it stands for "
            "your application in place of a secret."
        ),
    ),
    Topic(
        "request-objects",
        _("Request objects (request, request_uri, registration)"),
        _(
            "They carry a request, signed, through the browser. Pushed requests do more with less: the parameters never "
            "reach the browser, and your application has proven itself before anybody sees a page. An address of yours "
            "that we would have to fetch is one more way to attack both of us."
        ),
        _(
            "Send the parameters themselves, or push them to /oauth2/par first and send the request_uri that it answers."
        ),
    ),
    Topic(
        "dynamic-registration",
        _("Applications that register themselves"),
        _("Patients' data is behind this gate, so a person reads each registration before it can do anything."),
        _("Register the application on the developer pages. As a rule it is read within two business days."),
    ),
)


@page(ANYONE, "GET")
def unsupported(request: HttpRequest) -> HttpResponse:
    """Every topic, each under its anchor; for anybody, signed in or not."""
    return render(request, "unsupported.html", {"topics": TOPICS})
