"""Addresses of the authorize pages, all under /oauth2/authorize."""

from django.urls import URLPattern, path

from varco.portal.authorize import views

urlpatterns: list[URLPattern] = [
    path("authorize", views.start, name="start"),
    path("authorize/<slug:handle>/", views.proceed, name="continue"),
    path("authorize/<slug:handle>/account/", views.account, name="account"),
    path("authorize/<slug:handle>/confirm/", views.confirm, name="confirm"),
]
