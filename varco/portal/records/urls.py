"""Addresses of the pages about a clinic's records."""

from django.urls import URLPattern, path

from varco.portal.records import evidence, log, questions

urlpatterns: list[URLPattern] = [
    path("log/", log.log, name="log"),
    path("log/csv", log.export, name="export"),
    path("questions/", questions.every, name="questions"),
    path("questions/new/", questions.new, name="new_question"),
    path("questions/<int:pk>/", questions.one, name="question"),
    path("questions/<int:pk>/answer.pdf", questions.as_pdf, name="answer_pdf"),
    path("questions/<int:pk>/answer.csv", questions.as_csv, name="answer_csv"),
    path("questions/<int:pk>/answered/", questions.answered, name="answered"),
    path("evidence/", evidence.listed, name="applications"),
    path("evidence/<slug:client_id>/", evidence.chain, name="evidence"),
    path("evidence/<slug:client_id>/csv", evidence.export, name="evidence_export"),
]
