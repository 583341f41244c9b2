"""The addresses of signing out, all under /oauth2/logout."""

from django.urls import URLPattern, path

from varco.portal.logout import views

urlpatterns: list[URLPattern] = [
    path("logout", views.start, name="start"),
    path("logout/confirm", views.confirm, name="confirm"),
    path("logout/done", views.done, name="done"),
]
