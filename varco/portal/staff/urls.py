"""Addresses of the operators' pages."""

from django.urls import URLPattern, path

from varco.portal.staff import queue, review, teams, thread, views

urlpatterns: list[URLPattern] = [
    path("", queue.queue, name="queue"),
    path("review/<int:pk>/", review.review, name="review"),
    path("review/<int:pk>/thread/", thread.thread, name="thread"),
    path("review/<int:pk>/assign/", thread.assign, name="assign"),
    path("teams/", teams.index, name="teams"),
    path("teams/<slug:team_id>/", teams.team, name="team"),
    path("all/", views.everything, name="all"),
    path("<int:pk>/", views.application, name="application"),
    path("<int:pk>/suspend/", views.suspend, name="suspend"),
    path("<int:pk>/restore/", views.restore, name="restore"),
    path("<int:pk>/pkce/", views.pkce, name="pkce"),
]
