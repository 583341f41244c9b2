"""Addresses of the connected-applications pages."""

from django.urls import URLPattern, path

from varco.portal.connected import views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="list"),
    path("<slug:client_id>/", views.application, name="application"),
    path("<slug:client_id>/withdraw/", views.withdraw, name="withdraw"),
]
