"""Addresses of the account pages that are ours; sign-in and the rest of `/account/` are django-allauth's."""

from django.urls import path

from varco.portal.account import (
    email_change,
    integrator_invitation,
    invitation,
    lost_factor,
    one_session,
    own_data,
    passkeys,
    registration,
    second_step,
    step_up,
    views,
)
from varco.portal.account.email_change import ChangeEmailView
from varco.portal.account.sessions import SessionsView
from varco.portal.common.page import ANYONE, SIGNED_IN, page

urlpatterns = [
    path("", views.overview, name="overview"),
    # In place of allauth's own view at the same address, `account_signup`.
    path("signup/", registration.register, name="register"),
    path("signup/sent/", registration.sent, name="registration_sent"),
    path("signup/confirm/", registration.confirm, name="registration_confirm"),
    path("invitation/", invitation.accept, name="invitation"),
    path("integrator/", integrator_invitation.accept, name="integrator_invitation"),
    path("second-step/", second_step.second_step, name="second_step"),
    path("step-up/", step_up.confirm, name="step_up"),
    path("data/", own_data.data, name="data"),
    path("close/", own_data.close, name="close"),
    path("profile/", views.profile, name="profile"),
    # In place of allauth's own view at the same address, `usersessions_list`.
    path("sessions/", page(SIGNED_IN, "GET POST")(SessionsView.as_view()), name="sessions"),
    path("2fa/lost/", lost_factor.lost_factor, name="lost_factor"),
    path("sessions/end/", views.sign_out_everywhere, name="sign_out_everywhere"),
    path("sessions/<int:pk>/end/", one_session.end, name="end_session"),
    # In place of allauth's own views at the same addresses, `mfa_login_webauthn` and `mfa_reauthenticate_webauthn`.
    path("2fa/webauthn/login/", page(ANYONE, "GET POST")(passkeys.LoginView.as_view()), name="passkey_sign_in"),
    path(
        "2fa/webauthn/reauthenticate/",
        page(SIGNED_IN, "GET POST")(passkeys.ReauthenticateView.as_view()),
        name="passkey_confirm",
    ),
    # In place of allauth's own view at the same address, `account_email`.
    path("email/undo/", email_change.undo, name="undo_address"),
    path("email/", page(SIGNED_IN, "GET POST")(ChangeEmailView.as_view()), name="change_email"),
    # In place of allauth's own view at the same address, `mfa_add_webauthn`.
    path("2fa/webauthn/add/", page(SIGNED_IN, "GET POST")(views.AddPasskeyView.as_view()), name="add_passkey"),
    # In place of allauth's own view at the same address, `mfa_deactivate_totp`.
    path(
        "2fa/totp/deactivate/",
        page(SIGNED_IN, "GET POST")(views.DeactivateAppView.as_view()),
        name="deactivate_app",
    ),
    # In place of allauth's own view at the same address, `mfa_remove_webauthn`.
    path(
        "2fa/webauthn/keys/<int:pk>/remove/",
        page(SIGNED_IN, "GET POST")(views.RemovePasskeyView.as_view()),
        name="remove_passkey",
    ),
]
