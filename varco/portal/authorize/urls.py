"""Addresses of the authorize pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
