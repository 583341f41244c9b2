"""Addresses of the developer pages."""

from django.urls import URLPattern, path

from varco.portal.developer.views import editing, keys, pages, secrets, tenants, thread
from varco.portal.teams import transfers

urlpatterns: list[URLPattern] = [
    path("", pages.index, name="list"),
    path("new/", editing.new, name="new"),
    path("guide/", pages.guide, name="guide"),
    path("<int:pk>/", pages.client, name="client"),
    path("<int:pk>/registration/", editing.revise, name="revise"),
    path("<int:pk>/submit/", editing.submit, name="submit"),
    path("<int:pk>/questions/", thread.thread, name="thread"),
    path("<int:pk>/withdraw/", editing.withdraw, name="withdraw"),
    path("<int:pk>/quick-start/", pages.quick_start, name="quick_start"),
    path("<int:pk>/details/", editing.details, name="details"),
    path("<int:pk>/keys/", keys.keys, name="keys"),
    path("<int:pk>/keys/secrets/", keys.secrets_end, name="secrets_end"),
    path("<int:pk>/transfer/", transfers.offer, name="transfer"),
    path("<int:pk>/transfer/withdraw/", transfers.take_back, name="take_back"),
    path("<int:pk>/retire/", editing.retire, name="retire"),
    path("<int:pk>/secrets/new/", secrets.new_secret, name="new_secret"),
    path("<int:pk>/secrets/<int:secret_pk>/revoke/", secrets.revoke_secret, name="revoke_secret"),
    path("<int:pk>/secrets/<int:secret_pk>/leaked/", secrets.leaked, name="leaked_secret"),
    path("<int:pk>/centres/new/", tenants.add, name="add_tenant"),
    path("<int:pk>/centres/<slug:tenant_id>/remove/", tenants.remove, name="remove_tenant"),
    path("<int:pk>/refusals/", pages.refusals, name="refusals"),
    path("<int:pk>/refusals/<str:request_id>/", pages.refusal, name="refusal"),
]
