"""Addresses of people's own tickets."""

from django.urls import URLPattern, path

from varco.portal.tickets import proof, views

urlpatterns: list[URLPattern] = [
    path("", views.tickets, name="list"),
    path("new/", views.new, name="new"),
    path("new/<slug:kind>/", views.open_kind, name="open"),
    path("developer/", views.developer_role, name="developer_role"),
    path("<int:number>/", views.ticket, name="ticket"),
    path("<int:number>/close/", views.close, name="close"),
    path("<int:number>/confirm/", proof.confirm, name="confirm"),
    path("<int:number>/files/<int:pk>/", views.file, name="file"),
]
