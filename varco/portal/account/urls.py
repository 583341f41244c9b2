"""Addresses of the account pages that are ours; sign-in and the rest of `/account/` are django-allauth's."""

from django.urls import path

from varco.portal.account import views

urlpatterns = [
    path("", views.overview, name="overview"),
]
