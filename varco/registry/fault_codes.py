"""Codes of everything the registry refuses. `portal.common.fault_words` words them; a program may act on them."""

from enum import StrEnum


class RegistrationFault(StrEnum):
    """What is wrong with a value that was entered; it stands beside its field."""

    # Of any text or address.
    TOO_LONG = "too_long"
    INVISIBLE_CHARACTERS = "invisible_characters"
    URL_NOT_HTTPS = "url_not_https"
    TOO_MANY_LINES = "too_many_lines"
    # Details.
    NAME_TOO_SHORT = "name_too_short"
    DESCRIPTION_MISSING = "description_missing"
    PUBLISHER_MISSING = "publisher_missing"
    CONTACTS_MISSING = "contacts_missing"
    CONTACTS_TOO_MANY = "contacts_too_many"
    CONTACT_NO_EMAIL = "contact_no_email"
    LOGO_MISSING = "logo_missing"
    LOGO_TOO_BIG = "logo_too_big"
    LOGO_TOO_LARGE = "logo_too_large"
    LOGO_UNREADABLE = "logo_unreadable"
    # Kind, grants and redirect URIs.
    TYPE_UNKNOWN = "type_unknown"
    ENVIRONMENT_UNKNOWN = "environment_unknown"
    GRANT_TYPE_UNSUPPORTED = "grant_type_unsupported"
    GRANT_TYPES_MISSING = "grant_types_missing"
    DEVICE_CODE_UNUSABLE = "device_code_unusable"
    AUTHORIZATION_CODE_UNUSABLE = "authorization_code_unusable"
    REDIRECT_URIS_MISSING = "redirect_uris_missing"
    REDIRECT_URIS_UNUSED = "redirect_uris_unused"
    URI_REPEATED = "uri_repeated"
    # Scopes and claims.
    SCOPES_MISSING = "scopes_missing"
    SCOPE_UNKNOWN = "scope_unknown"
    SCOPE_REPEATED = "scope_repeated"
    SCOPE_REASON_MISSING = "scope_reason_missing"
    CLAIMS_UNKNOWN = "claims_unknown"
    # Authentication, algorithms and keys.
    ALGORITHM_UNKNOWN = "algorithm_unknown"
    PROFILE_UNKNOWN = "profile_unknown"
    PROFILE_PUBLIC_CLIENT = "profile_public_client"
    AUTH_METHOD_UNKNOWN = "auth_method_unknown"
    AUTH_METHOD_UNUSABLE = "auth_method_unusable"
    PKCE_EXCEPTION_REASON = "pkce_exception_reason"
    PKCE_EXCEPTION_OPENID = "pkce_exception_openid"
    PKCE_EXCEPTION_PROFILE = "pkce_exception_profile"
    JWKS_OR_JWKS_URI = "jwks_or_jwks_uri"
    JWKS_MALFORMED = "jwks_malformed"
    JWKS_TOO_MANY = "jwks_too_many"
    JWKS_KEY_ID = "jwks_key_id"
    JWK_PRIVATE = "jwk_private"
    JWK_UNREADABLE = "jwk_unreadable"
    JWK_KIND = "jwk_kind"
    JWK_USE = "jwk_use"
    JWK_RSA_SIZE = "jwk_rsa_size"
    JWK_ALGORITHM = "jwk_algorithm"
    # Acts.
    NOTHING_CHANGED = "nothing_changed"
    DECISION_MISSING = "decision_missing"
    REASONS_AGAINST_APPROVAL = "reasons_against_approval"
    DECISION_CODES_MISSING = "decision_codes_missing"
    DECISION_TEXT_MISSING = "decision_text_missing"
    REMARK_FIELD = "remark_field"
    REMARKS_AGAINST_APPROVAL = "remarks_against_approval"
    ASSIGNEE = "assignee"
    BLOCK_REASON_MISSING = "block_reason_missing"
    SECRET_LABEL = "secret_label"  # noqa: S105 - the name of a fault
    SECRET_LIFETIME = "secret_lifetime"  # noqa: S105 - the name of a fault
    SECRET_EXPIRY_PAST = "secret_expiry_past"  # noqa: S105 - the name of a fault
    SECRETS_TOO_MANY = "secrets_too_many"
    TENANT_UNKNOWN = "tenant_unknown"
    TENANT_REPEATED = "tenant_repeated"
    TENANTS_TOO_MANY = "tenants_too_many"


class ConflictFault(StrEnum):
    """Why an act is not possible as things stand now."""

    NOT_POSSIBLE = "not_possible"
    STALE = "stale"
    APPLICATION_STATE = "application_state"
    REVISION_STATE = "revision_state"
    APPLICATIONS_TOO_MANY = "applications_too_many"
    NO_DRAFT = "no_draft"
    NO_DRAFT_TO_SUBMIT = "no_draft_to_submit"
    UNDER_REVIEW = "under_review"
    NO_REVIEW = "no_review"
    SECOND_APPROVER = "second_approver"
    PKCE_BY_PROFILE = "pkce_by_profile"
    PKCE_PUBLIC_CLIENT = "pkce_public_client"
    NO_SECRETS = "no_secrets"
    SECRET_OVER = "secret_over"  # noqa: S105 - the name of a fault
    SECRET_CREATED_ALREADY = "secret_created_already"  # noqa: S105 - the name of a fault
    TENANTS_STALE = "tenants_stale"
    TENANT_NOT_LISTED = "tenant_not_listed"
    BLOCKED_ALREADY = "blocked_already"
    NOT_BLOCKED = "not_blocked"
