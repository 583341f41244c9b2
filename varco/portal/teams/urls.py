"""Addresses of the pages of teams."""

from django.urls import URLPattern, path

from varco.portal.teams import joining, members, transfers, views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="list"),
    path("new/", views.new, name="new"),
    path("join/", joining.join, name="join"),
    path("<slug:team_id>/", views.team, name="team"),
    path("<slug:team_id>/rename/", views.rename, name="rename"),
    path("<slug:team_id>/invite/", members.invite, name="invite"),
    path("<slug:team_id>/invitations/<int:pk>/withdraw/", members.withdraw_invitation, name="withdraw_invitation"),
    path("<slug:team_id>/members/<int:pk>/", members.member, name="member"),
    path("<slug:team_id>/members/<int:pk>/remove/", members.remove, name="remove"),
    path("<slug:team_id>/offers/<int:pk>/", transfers.answer, name="answer"),
]
