"""Every address of the portal, area by area."""

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from varco.portal import logos, refused_requests, styleguide, unsupported, views
from varco.portal.account import registration
from varco.portal.device import qr

urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.home, name="home"),
    path("language/", views.language, name="language"),
    path("favicon.ico", views.favicon, name="favicon"),
    path("apple-touch-icon.png", views.touch_icon, name="touch_icon"),
    path(".well-known/change-password", views.change_password, name="change_password"),
    path("logos/<slug:digest>.png", logos.image, name="logo"),
    path("oauth2/", include(("varco.portal.authorize.urls", "authorize"))),
    path("oauth2/", include(("varco.portal.logout.urls", "logout"))),
    path("device", include(("varco.portal.device.urls", "device"))),
    path("device/qr.<slug:form>", qr.image, name="device_qr"),
    path("docs/", include(("varco.portal.documentation.urls", "documentation"))),
    path("status/", include(("varco.portal.status.urls", "status"))),
    path("help/unsupported", unsupported.unsupported, name="unsupported"),
    path("help/terms", registration.terms, name="terms"),
    path("help/requests", refused_requests.find, name="find_request"),
    path("help/requests/<str:request_id>", refused_requests.find, name="request"),
    path("account/applications/", include(("varco.portal.connected.urls", "connected"))),
    path("account/", include(("varco.portal.account.urls", "account"))),
    path("account/", include("allauth.urls")),
    path("clinic/records/", include(("varco.portal.records.urls", "records"))),
    path("clinic/", include(("varco.portal.clinic.urls", "clinic"))),
    path("tickets/", include(("varco.portal.tickets.urls", "tickets"))),
    path("support/", include(("varco.portal.support.urls", "support"))),
    path("developer/teams/", include(("varco.portal.teams.urls", "teams"))),
    path("developer/sandboxes/", include(("varco.portal.sandboxes.urls", "sandboxes"))),
    path("developer/applications/", include(("varco.portal.developer.urls", "developer"))),
    path("staff/audit/", include(("varco.portal.incident.urls", "incident"))),
    path("staff/applications/", include(("varco.portal.staff.urls", "staff"))),
    path("staff/", include(("varco.portal.administration.urls", "administration"))),
]
if settings.VARCO.demo:
    urlpatterns += [
        path("styleguide/", styleguide.styleguide, name="styleguide"),
        path("demo/", include(("varco.portal.demo.urls", "demo"))),
    ]

handler400 = "varco.portal.errors.bad_request"
handler403 = "varco.portal.errors.forbidden"
handler404 = "varco.portal.errors.not_found"
handler429 = "varco.portal.errors.too_many"
handler500 = "varco.portal.errors.server_error"
