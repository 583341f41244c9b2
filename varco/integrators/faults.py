"""Codes of what speaks against an integrator access, worded by the face that shows them."""

from enum import StrEnum


class IntegratorFault(StrEnum):
    """Why not."""

    EMAIL_MALFORMED = "integrator_email_malformed"
    EMAIL_MEMBER = "integrator_email_member"
    GIVEN_ALREADY = "integrator_given_already"
    PROJECT_MISSING = "integrator_project_missing"
    PERMISSIONS_MISSING = "integrator_permissions_missing"
    PERMISSION_UNKNOWN = "integrator_permission_unknown"
    APPLICATION_UNKNOWN = "integrator_application_unknown"
    FIRST_DAY_PAST = "integrator_first_day_past"
    FIRST_DAY_FAR = "integrator_first_day_far"
    LAST_DAY_MISSING = "integrator_last_day_missing"
    LAST_DAY_PAST = "integrator_last_day_past"
    LAST_DAY_BEFORE_FIRST = "integrator_last_day_before_first"
    LAST_DAY_FAR = "integrator_last_day_far"
    NOT_SHORTER = "integrator_not_shorter"
    NOT_LONGER = "integrator_not_longer"
    REASON_MISSING = "integrator_reason_missing"
    OVER = "integrator_over"
    INVITED_JUST_NOW = "integrator_invited_just_now"
    NOT_INVITED = "integrator_not_invited"
    TENANT_NOT_ACTIVE = "integrator_tenant_not_active"
    INVITATION_OVER = "integrator_invitation_over"
    OTHER_ACCOUNT = "integrator_other_account"
    ELSEWHERE = "integrator_elsewhere"
    ACCOUNT_OFF = "integrator_account_off"
    ACCOUNT_OF_VENDOR = "integrator_account_of_vendor"
