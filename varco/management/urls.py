"""Addresses of the management API; whatever else is below `/manage` is 404."""

from django.urls import path

from varco.management import applications, drafts
from varco.management.operations import at

BASE = "manage/v1/"
ONE = f"{BASE}applications/<int:application_id>"

urlpatterns = [
    path(f"{BASE}applications", at(applications.list_applications, applications.create_application)),
    path(ONE, at(applications.read_application, applications.change_details)),
    path(f"{ONE}/draft", at(drafts.read_draft, drafts.replace_draft, drafts.change_draft)),
    path(f"{ONE}/submit", at(drafts.submit)),
    path(f"{ONE}/withdraw", at(drafts.withdraw)),
]
