"""Addresses of the account pages that are ours; sign-in and the rest of `/account/` are django-allauth's."""

from django.urls import path

from varco.portal.account import views
from varco.portal.account.email_change import ChangeEmailView
from varco.portal.common.page import SIGNED_IN, page

urlpatterns = [
    path("", views.overview, name="overview"),
    path("profile/", views.profile, name="profile"),
    path("sessions/end/", views.sign_out_everywhere, name="sign_out_everywhere"),
    # In place of allauth's own view at the same address, `account_email`.
    path("email/", page(SIGNED_IN, "GET POST")(ChangeEmailView.as_view()), name="change_email"),
    # In place of allauth's own view at the same address, `mfa_remove_webauthn`.
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        page(SIGNED_IN, "GET POST")(views.RemovePasskeyView.as_view()),
        name="remove_passkey",
    ),
]
