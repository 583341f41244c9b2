"""Addresses of the connected pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
