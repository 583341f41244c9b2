"""Addresses of the pages of sandboxes."""

from django.urls import URLPattern, path

from varco.portal.sandboxes import views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("<slug:tenant_id>/", views.sandbox, name="sandbox"),
    path("<slug:tenant_id>/reset/", views.reset, name="reset"),
    path("<slug:tenant_id>/remove/", views.remove, name="remove"),
    path("<slug:tenant_id>/users/<slug:key>/enter/", views.enter, name="enter"),
]
