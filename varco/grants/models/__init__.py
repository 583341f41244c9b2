"""The tables of this app, a file for each thing they are about."""

from varco.grants.identifiers import new_grant_id
from varco.grants.models.authorization_request import Interaction, PushedRequest, new_interaction_id
from varco.grants.models.consent import Consent
from varco.grants.models.device_request import DeviceRequest
from varco.grants.models.grant import Grant
from varco.grants.models.logout_notice import LogoutNotice
from varco.grants.models.used_jti import UsedJti

__all__ = [
    "Consent",
    "DeviceRequest",
    "Grant",
    "Interaction",
    "LogoutNotice",
    "PushedRequest",
    "UsedJti",
    "new_grant_id",
    "new_interaction_id",
]
