"""Addresses of the management API; whatever else is below `/manage` is 404."""

from django.urls import path

from varco.management import applications

urlpatterns = [
    path("manage/v1/applications", applications.list_applications, name="applications"),
]
