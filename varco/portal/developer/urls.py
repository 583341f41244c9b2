"""Addresses of the developer pages."""

from django.urls import URLPattern, path

from varco.portal.developer import views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("guide/", views.guide, name="guide"),
    path("<int:pk>/", views.client, name="client"),
    path("<int:pk>/registration/", views.revise, name="revise"),
    path("<int:pk>/submit/", views.submit, name="submit"),
    path("<int:pk>/withdraw/", views.withdraw, name="withdraw"),
    path("<int:pk>/details/", views.details, name="details"),
    path("<int:pk>/retire/", views.retire, name="retire"),
    path("<int:pk>/secrets/new/", views.new_secret, name="new_secret"),
    path("<int:pk>/secrets/<int:secret_pk>/revoke/", views.revoke_secret, name="revoke_secret"),
    path("<int:pk>/refusals/", views.refusals, name="refusals"),
    path("<int:pk>/refusals/<str:request_id>/", views.refusal, name="refusal"),
]
