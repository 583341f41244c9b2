"""The address of the device page: exactly `/device`, short enough to be typed from a screen (RFC 8628 §3.3)."""

from django.urls import URLPattern, path

from varco.portal.device import views

urlpatterns: list[URLPattern] = [path("", views.device, name="page")]
