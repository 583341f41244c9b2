"""Addresses of the pages for managers of a clinic."""

from django.urls import URLPattern, path

from varco.portal.clinic import integrators, join, people, person, settings, views

urlpatterns: list[URLPattern] = [
    path("people/", people.people, name="people"),
    path("people/invite/", people.invite, name="invite"),
    path("people/invitations/<int:pk>/again/", people.invite_again, name="invite_again"),
    path("people/invitations/<int:pk>/withdraw/", people.withdraw, name="withdraw_invitation"),
    path("people/<slug:subject>/", person.person, name="person"),
    path("people/<slug:subject>/change/", person.change, name="change_person"),
    path("people/<slug:subject>/deactivate/", person.deactivate, name="deactivate_person"),
    path("people/<slug:subject>/activate/", person.activate, name="activate_person"),
    path("settings/", settings.settings, name="settings"),
    path("join/", join.join, name="join"),
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
