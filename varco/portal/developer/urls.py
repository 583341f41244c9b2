"""Addresses of the developer pages."""

from django.urls import URLPattern

urlpatterns: list[URLPattern] = []
