"""Addresses of the operators' pages about people and the platform."""

from django.urls import URLPattern, path

from varco.portal.administration import audit, platform, proposals, tenants, users

urlpatterns: list[URLPattern] = [
    path("users/", users.users, name="users"),
    path("users/<slug:subject>/", users.user, name="user"),
    path("users/<slug:subject>/roles/<slug:role>/give/", users.give_role, name="give_role"),
    path("users/<slug:subject>/roles/<slug:role>/take/", users.take_role, name="take_role"),
    path("users/<slug:subject>/lock/", users.lock, name="lock"),
    path("users/<slug:subject>/unlock/", users.unlock, name="unlock"),
    path("users/<slug:subject>/sessions/", users.end_sessions, name="end_sessions"),
    path("users/<slug:subject>/factors/", users.reset_factors, name="reset_factors"),
    path("proposals/", proposals.proposals, name="proposals"),
    path("proposals/<int:pk>/", proposals.proposal, name="proposal"),
    path("proposals/<int:pk>/refuse/", proposals.refuse, name="refuse_proposal"),
    path("tenants/", tenants.tenants, name="tenants"),
    path("tenants/new/", tenants.new, name="new_tenant"),
    path("tenants/of/<str:tenant_id>/", tenants.tenant, name="tenant"),
    path("tenants/of/<str:tenant_id>/manager/", tenants.invite_manager, name="invite_manager"),
    path("tenants/of/<str:tenant_id>/suspend/", tenants.suspend, name="suspend_tenant"),
    path("tenants/of/<str:tenant_id>/restore/", tenants.restore, name="restore_tenant"),
    path("tenants/of/<str:tenant_id>/close/", tenants.close, name="close_tenant"),
    path("audit/", audit.audit, name="audit"),
    path("platform/", platform.upkeep, name="platform"),
    path("platform/mail/", platform.mail, name="mail"),
    path("platform/mail/<int:pk>/retry/", platform.retry, name="retry_mail"),
    path("platform/keys/", platform.signing_keys, name="keys"),
    path("platform/keys/<slug:alg>/rotate/", platform.rotate, name="rotate_key"),
    path("platform/roles/", platform.roles, name="roles"),
    path("platform/settings/", platform.configuration, name="settings"),
]
