"""Addresses of the pages for managers of a clinic."""

from django.urls import URLPattern, path

from varco.portal.clinic import integrators, views

urlpatterns: list[URLPattern] = [
    path("applications/", views.applications, name="applications"),
    path("applications/<slug:client_id>/", views.application, name="application"),
    path("applications/<slug:client_id>/block/", views.block, name="block"),
    path("applications/<slug:client_id>/unblock/", views.unblock, name="unblock"),
    path("integrators/", integrators.integrators, name="integrators"),
    path("integrators/new/", integrators.new, name="integrator_new"),
    path("integrators/<int:pk>/", integrators.integrator, name="integrator"),
    path("integrators/<int:pk>/dates/", integrators.dates, name="integrator_dates"),
    path("integrators/<int:pk>/end/", integrators.end, name="integrator_end"),
    path("integrators/<int:pk>/invite/", integrators.invite, name="integrator_invite"),
    path("integrators/<int:pk>/report/", integrators.report, name="integrator_report"),
    path("confirmations/", integrators.confirm, name="confirmations"),
]
