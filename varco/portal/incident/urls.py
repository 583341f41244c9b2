"""The address of the incident pack."""

from django.urls import URLPattern, path

from varco.portal.incident import views

urlpatterns: list[URLPattern] = [path("pack/", views.pack, name="pack")]
