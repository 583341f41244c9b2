"""Address of the status page."""

from django.urls import URLPattern, path

from varco.portal.status import views

urlpatterns: list[URLPattern] = [path("", views.status, name="status")]
