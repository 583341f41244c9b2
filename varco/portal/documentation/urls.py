"""Addresses of the documentation."""

from django.urls import URLPattern, path

from varco.portal.documentation import changes, views

urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("changes/", changes.changes, name="changes"),
    path("changes/atom.xml", changes.atom, name="atom"),
    path("changes/feed.json", changes.json_feed, name="json_feed"),
    path("pictures/<str:name>", views.picture, name="picture"),
    path("files/<path:name>", views.attached, name="file"),
    path("errors/<slug:code>/", views.error, name="error"),
    path("<path:name>.md", views.as_markdown, name="markdown"),
    path("<path:name>/", views.document, name="page"),
]
