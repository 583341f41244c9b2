"""Addresses of the pages for managers of a clinic."""

from django.urls import URLPattern, path

from varco.portal.clinic import views

urlpatterns: list[URLPattern] = [
    path("applications/", views.applications, name="applications"),
    path("applications/<slug:client_id>/", views.application, name="application"),
    path("applications/<slug:client_id>/block/", views.block, name="block"),
    path("applications/<slug:client_id>/unblock/", views.unblock, name="unblock"),
]
