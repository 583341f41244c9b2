"""Addresses of the vendor's people."""

from django.urls import URLPattern, path

from varco.portal.support import developers, ticket, views

urlpatterns: list[URLPattern] = [
    path("", views.inbox, name="inbox"),
    path("developers/", developers.developers, name="developers"),
    path("developers/<slug:subject>/", developers.developer, name="developer"),
    path("developers/<slug:subject>/deactivate/", developers.deactivate, name="deactivate"),
    path("developers/<slug:subject>/invite/<int:pk>/", developers.invite_again, name="invite_again"),
    path("<int:number>/", ticket.ticket, name="ticket"),
    path("<int:number>/assign/", views.assign, name="assign"),
    path("<int:number>/files/<int:pk>/", views.file, name="file"),
]
