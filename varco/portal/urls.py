"""Every address of the portal, area by area."""

from django.urls import URLPattern, URLResolver, include, path

urlpatterns: list[URLPattern | URLResolver] = [
    path("oauth2/authorize", include(("varco.portal.authorize.urls", "authorize"))),
    path("account/applications/", include(("varco.portal.connected.urls", "connected"))),
    path("account/", include("varco.portal.account.urls")),
    path("account/", include("allauth.urls")),
    path("developer/applications/", include(("varco.portal.developer.urls", "developer"))),
    path("staff/applications/", include(("varco.portal.staff.urls", "staff"))),
]
