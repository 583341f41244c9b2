"""The names of audited acts: `subject.past_participle`, one enum, so a misspelt tag cannot be recorded."""

from enum import StrEnum


class Tag(StrEnum):
    """What happened. Each is explained in docs/audit.md."""

    ACCOUNT_SIGNED_IN = "account.signed_in"
    ACCOUNT_SIGNED_OUT = "account.signed_out"
    ACCOUNT_SIGN_IN_FAILED = "account.sign_in_failed"
    ACCOUNT_PASSWORD_CHANGED = "account.password_changed"  # noqa: S105 - the name of an act
    ACCOUNT_EMAIL_CHANGED = "account.email_changed"
    ACCOUNT_PROFILE_CHANGED = "account.profile_changed"
    ACCOUNT_FACTOR_ADDED = "account.factor_added"
    ACCOUNT_FACTOR_REMOVED = "account.factor_removed"
    ACCOUNT_SESSIONS_ENDED = "account.sessions_ended"
    APPLICATION_CREATED = "application.created"
    APPLICATION_EDITED = "application.edited"
    APPLICATION_REVISED = "application.revised"
    APPLICATION_SUBMITTED = "application.submitted"
    APPLICATION_WITHDRAWN = "application.withdrawn"
    APPLICATION_APPROVED = "application.approved"
    APPLICATION_CHANGES_REQUESTED = "application.changes_requested"
    APPLICATION_REJECTED = "application.rejected"
    APPLICATION_SUSPENDED = "application.suspended"
    APPLICATION_RESTORED = "application.restored"
    APPLICATION_RETIRED = "application.retired"
    APPLICATION_PKCE_CHANGED = "application.pkce_changed"
    SECRET_CREATED = "secret.created"  # noqa: S105 - the name of an act
    SECRET_REVOKED = "secret.revoked"  # noqa: S105 - the name of an act
    CONSENT_GIVEN = "consent.given"
    CONSENT_REFUSED = "consent.refused"
    CONSENT_WITHDRAWN = "consent.withdrawn"
    DEVICE_APPROVED = "device.approved"
    DEVICE_DENIED = "device.denied"
    CODE_ISSUED = "code.issued"
    GRANT_ISSUED = "grant.issued"
    GRANT_ENDED = "grant.ended"
    CODE_REPLAYED = "code.replayed"
    REFRESH_REUSED = "refresh.reused"
    PATIENT_READ = "patient.read"
    PATIENTS_LISTED = "patients.listed"
    KEY_CREATED = "key.created"
    KEY_ROTATED = "key.rotated"
    KEY_REVOKED = "key.revoked"
