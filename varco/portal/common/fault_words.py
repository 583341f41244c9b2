"""Faults of registrations and of acts on them in words: a sentence for each code."""

from collections.abc import Iterable, Mapping
from enum import StrEnum

from django.db.models import TextChoices
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from varco.portal.common import integrator_words, ticket_words
from varco.protocol.fapi import FapiFault
from varco.protocol.fault import Fault
from varco.protocol.redirect_uri import RedirectUriFault
from varco.registry.errors import Conflict, Faults
from varco.registry.fault_codes import ConflictFault, RegistrationFault
from varco.registry.models import Application, Revision
from varco.signals.faults import StreamFault
from varco.tickets.errors import TicketConflict
from varco.validators import UNSEEN

_REGISTRATION: Mapping[StrEnum, Promise] = {
    RegistrationFault.TOO_LONG: _("This is longer than %(limit)d characters."),
    RegistrationFault.INVISIBLE_CHARACTERS: UNSEEN,
    RegistrationFault.URL_NOT_HTTPS: _("Give a full https:// address."),
    RegistrationFault.TOO_MANY_LINES: _("Give at most %(limit)d, one a line."),
    RegistrationFault.NAME_TOO_SHORT: _("Give the application a name of at least two characters."),
    RegistrationFault.DESCRIPTION_MISSING: _(
        "Say what the application does: people read it when they are asked for consent."
    ),
    RegistrationFault.PUBLISHER_MISSING: _("Say which company or person publishes the application."),
    RegistrationFault.CONTACTS_MISSING: _(
        "Give at least one e-mail address where we can reach you about this application."
    ),
    RegistrationFault.CONTACTS_TOO_MANY: _("Give at most %(limit)d addresses."),
    RegistrationFault.CONTACT_ASKED_ALREADY: _(
        "A code was sent there less than an hour ago. Look for it in their spam, or wait a little."
    ),
    RegistrationFault.CONTACTS_ASKED_OFTEN: _("Codes were sent to %(limit)d contacts today. Go on tomorrow."),
    RegistrationFault.CONTACT_NO_EMAIL: _("%(address)s is not an e-mail address."),
    RegistrationFault.LOGO_MISSING: _("Choose an image."),
    RegistrationFault.LOGO_TOO_BIG: _("The image is larger than %(most)d kB."),
    RegistrationFault.LOGO_TOO_LARGE: _("The image has more than %(most)d pixels a side."),
    RegistrationFault.LOGO_BUSY: _("Other images are being drawn at this moment. Try again."),
    RegistrationFault.LOGO_UNREADABLE: _("This is no PNG, JPEG, WebP or GIF that we can read."),
    RegistrationFault.TYPE_UNKNOWN: _("Choose what kind of application it is."),
    RegistrationFault.ENVIRONMENT_UNKNOWN: _("Choose the environment."),
    RegistrationFault.GRANT_TYPE_UNSUPPORTED: _(
        "Only the authorization code and the device code are supported: every token belongs to a person who has logged in."
    ),
    RegistrationFault.GRANT_TYPES_MISSING: _("Choose how people sign in to the application."),
    RegistrationFault.DEVICE_CODE_UNUSABLE: _(
        "An application of this type cannot use the device code; it has a browser to send people to."
    ),
    RegistrationFault.AUTHORIZATION_CODE_UNUSABLE: _(
        "A device without a screen cannot be redirected to; it uses the device code."
    ),
    RegistrationFault.REDIRECT_URIS_MISSING: _(
        "Give at least one redirect URI: it is where people come back to after signing in."
    ),
    RegistrationFault.REDIRECT_URIS_UNUSED: _("Only the authorization code uses redirect URIs. Remove them."),
    RegistrationFault.URI_REPEATED: _("%(uri)s is listed twice."),
    RegistrationFault.SCOPES_MISSING: _(
        "Choose at least one scope. To sign people in and nothing else, choose openid."
    ),
    RegistrationFault.SCOPE_UNKNOWN: _("There is no scope %(name)s."),
    RegistrationFault.SCOPE_REPEATED: _("A scope is listed twice."),
    RegistrationFault.SCOPE_REASON_MISSING: _(
        "Say in a sentence what the application does with this: reviewers and users read it."
    ),
    RegistrationFault.CLAIMS_UNKNOWN: _("Choose among the listed claims."),
    RegistrationFault.ALGORITHM_UNKNOWN: _("Choose one of the listed algorithms."),
    RegistrationFault.PROFILE_UNKNOWN: _("Choose one of the listed profiles."),
    RegistrationFault.PROFILE_PUBLIC_CLIENT: _(
        "FAPI 2.0 is for web applications: the others cannot keep the private key it needs."
    ),
    RegistrationFault.AUTH_METHOD_UNKNOWN: _("Choose one of the listed methods."),
    RegistrationFault.AUTH_METHOD_UNUSABLE: _("An application of this type cannot authenticate in this way."),
    RegistrationFault.PKCE_EXCEPTION_REASON: _(
        "Say which software cannot use PKCE, and why: at least 10 characters. Leave it empty if it can."
    ),
    RegistrationFault.PKCE_EXCEPTION_OPENID: _(
        "Only an application that signs people in with OpenID Connect can send nonce instead: it needs the scope openid."
    ),
    RegistrationFault.PKCE_EXCEPTION_PROFILE: _("FAPI 2.0 needs PKCE always."),
    RegistrationFault.JWKS_OR_JWKS_URI: _(
        "Give your public keys, either here or by the address where you publish them."
    ),
    RegistrationFault.JWKS_MALFORMED: _('This is not a JWK set: it must look like {"keys": […]}.'),
    RegistrationFault.JWKS_TOO_MANY: _("Register at most %(limit)d keys."),
    RegistrationFault.JWKS_KEY_ID: _("Every key needs a `kid` of its own."),
    RegistrationFault.JWK_PRIVATE: _(
        "This is a private key. It has not been saved; consider it disclosed, make a new one and register its public half."
    ),
    RegistrationFault.JWK_UNREADABLE: _("the key cannot be read."),
    RegistrationFault.JWK_KIND: _("use an RSA key, an EC key on P-256 or an Ed25519 key."),
    RegistrationFault.JWK_USE: _('the key must be for signatures (`"use": "sig"`).'),
    RegistrationFault.JWK_RSA_SIZE: _("an RSA key needs %(least)d to %(most)d bits."),
    RegistrationFault.JWK_ALGORITHM: _("the key cannot sign with the algorithm that its `alg` names."),
    RegistrationFault.NOTHING_CHANGED: _("Nothing differs from what is in force, so there is nothing to review."),
    RegistrationFault.DECISION_MISSING: _("Choose what to do: approve, request changes or reject."),
    RegistrationFault.REASONS_AGAINST_APPROVAL: _("You ticked reasons to send it back. Clear them to approve."),
    RegistrationFault.DECISION_CODES_MISSING: _("Choose at least one reason from the list."),
    RegistrationFault.DECISION_TEXT_MISSING: _(
        "Write a reason: the developer gets it by mail and it stays in the timeline."
    ),
    RegistrationFault.REMARK_FIELD: _("There is no such field to remark on."),
    RegistrationFault.REMARKS_AGAINST_APPROVAL: _(
        "You wrote remarks on fields. Clear them to approve, or request changes."
    ),
    RegistrationFault.ASSIGNEE: _("This person cannot decide about it. Choose somebody else."),
    RegistrationFault.BLOCK_REASON_MISSING: _("Write a reason: it stays beside the application and in the record."),
    RegistrationFault.SECRET_LABEL: _("Give the secret a label of at most %(limit)d characters."),
    RegistrationFault.SECRET_EXPIRY_PAST: _("Choose an expiry in the future."),
    RegistrationFault.SECRET_LIFETIME: _("Here a secret lives at most %(limit)d days. Choose an earlier end."),
    RegistrationFault.SECRETS_TOO_MANY: _("There are already %(limit)d live secrets. Revoke one first."),
    RegistrationFault.OVERLAP_TOO_LONG: _("Secrets are taken for at most %(limit)d days after the approval."),
    RegistrationFault.TENANT_UNKNOWN: _("There is no medical centre with this id."),
    RegistrationFault.TENANT_REPEATED: _("%(name)s is on the list already."),
    RegistrationFault.TENANTS_TOO_MANY: _("The list holds at most %(limit)d medical centres."),
    RegistrationFault.TEAM_NAME: _("Give the team a name of at least two characters."),
    RegistrationFault.TEAM_ROLE: _("Choose a role."),
    RegistrationFault.TEAM_EMAIL: _("Give an e-mail address."),
    RegistrationFault.TEAM_UNKNOWN: _("There is no team with this id that could accept it. Ask its members for it."),
    RegistrationFault.TEAM_OWN: _("This is the team that has it."),
    RegistrationFault.TEAM_NOT_YOURS: _("Choose a team in which you may register applications."),
    RegistrationFault.TEAM_NO_DEVELOPER: _("This is not the address of another developer who can sign in."),
    RegistrationFault.SANDBOX_NAME: _("Give the sandbox a name of at least two characters."),
    RegistrationFault.SANDBOX_SEED: _("Choose what is in it."),
    RegistrationFault.SANDBOX_NUMBER: _("Give a number from 1 to %(limit)d, or none."),
}

_REDIRECT_URI: Mapping[StrEnum, Promise] = {
    RedirectUriFault.EMPTY: _("Write the redirect URI."),
    RedirectUriFault.TOO_LONG: _("The URI is longer than %(limit)s characters."),
    RedirectUriFault.NOT_ENCODED: _(
        "The URI contains characters that must be percent-encoded (spaces, quotes, backslashes, accented letters …)."
    ),
    RedirectUriFault.NOT_ABSOLUTE: _("The URI must be absolute, such as https://app.example.com/callback."),
    RedirectUriFault.FRAGMENT: _(
        "The URI must not have a fragment (the part after #): the answer could not be read by your server."
    ),
    RedirectUriFault.SCHEME_CASE: _(
        "Write the scheme in lower case: redirect URIs are compared character by character."
    ),
    RedirectUriFault.NOT_HTTPS: _(
        "The URI must be https. Plain http is accepted only for 127.0.0.1, [::1] and localhost."
    ),
    RedirectUriFault.SCHEME_UNUSABLE: _(
        "The scheme %(scheme)s: cannot be used. Use https, or in a native application a scheme made of a domain name you own."
    ),
    RedirectUriFault.SCHEME_NATIVE_ONLY: _(
        "The scheme %(scheme)s: can be used by native applications only. Use https."
    ),
    RedirectUriFault.SCHEME_NO_DOMAIN: _(
        "A private-use scheme is a domain name of yours written backwards, such as com.example.app."
    ),
    RedirectUriFault.WILDCARD: _("There are no wildcards: register each URI exactly as it is sent."),
    RedirectUriFault.PRIVATE_USE_PATH: _("After %(scheme)s: must come a path, such as %(scheme)s:/callback."),
    RedirectUriFault.PRIVATE_USE_HOST: _(
        "Between %(scheme)s:// and the path can stand letters, digits and - . _ ~ only."
    ),
    RedirectUriFault.NO_HOST: _("The URI has no host."),
    RedirectUriFault.USER_INFO: _("The URI must not have a user name or password before the host."),
    RedirectUriFault.HOST_CASE: _("Write the host in lower case: redirect URIs are compared character by character."),
    RedirectUriFault.HOST_NOT_EXACT: _(
        "The host must be one exact host name or address, with a port from 1 to 65535 if any."
    ),
    RedirectUriFault.PORT: _("The port must be from 1 to 65535."),
    RedirectUriFault.DOT_SEGMENTS: _(
        "The path must not have . or .. segments: browsers and servers disagree on where they lead."
    ),
    RedirectUriFault.BARE_QUESTION_MARK: _("The URI ends in a bare question mark; remove it."),
    RedirectUriFault.RESPONSE_PARAMETER: _(
        "The query holds the parameter %(name)s, which the answer will carry too; rename yours."
    ),
}

_FAPI: Mapping[StrEnum, Promise] = {
    FapiFault.AUTHENTICATION: _(
        "FAPI 2.0 needs private_key_jwt: the application signs with its own key instead of sending a secret."
    ),
    FapiFault.ID_TOKEN_SIGNATURE: _("FAPI 2.0 needs ID tokens signed with PS256, ES256 or EdDSA."),
    FapiFault.USERINFO_SIGNATURE: _("FAPI 2.0 needs UserInfo unsigned, or signed with PS256, ES256 or EdDSA."),
    FapiFault.GRANT_TYPES: _(
        "FAPI 2.0 allows the authorization code flow, with or without refresh tokens, and no other."
    ),
    FapiFault.NOT_HTTPS: _("FAPI 2.0 needs https redirect URIs."),
    FapiFault.NO_KEY: _("FAPI 2.0 needs a public key of the application for PS256, ES256 or EdDSA."),
}

_CONFLICT: Mapping[StrEnum, Promise] = {
    ConflictFault.NOT_POSSIBLE: _("This is not possible as things stand now."),
    ConflictFault.STALE: _(
        "This changed while you were looking at it. Nothing was done: check how it stands now, then decide again."
    ),
    ConflictFault.APPLICATION_STATE: _("This is not possible any more: the application is in state “%(state)s”."),
    ConflictFault.REVISION_STATE: _("This is not possible any more: the revision is in state “%(state)s”."),
    ConflictFault.APPLICATIONS_TOO_MANY: _("The team has %(limit)d applications. Retire one before you add another."),
    ConflictFault.NO_DRAFT: _("There is no draft."),
    ConflictFault.NO_DRAFT_TO_SUBMIT: _("There is no draft to submit."),
    ConflictFault.UNDER_REVIEW: _("This revision is being reviewed. Withdraw it first if you want to change it."),
    ConflictFault.NO_REVIEW: _("Nothing of this application is under review, so there is nobody to write to."),
    ConflictFault.SECOND_APPROVER: _("You have approved it already. A second person has to approve it too."),
    ConflictFault.PKCE_BY_PROFILE: _("This application follows FAPI 2.0, which needs PKCE always."),
    ConflictFault.PKCE_PUBLIC_CLIENT: _(
        "This application needs PKCE always: it does not authenticate with a secret or key of its own."
    ),
    ConflictFault.NO_SECRETS: _("This application does not authenticate with a secret, so it has none."),
    ConflictFault.NO_KEYS: _("This type of application cannot keep a private key, so it has none."),
    ConflictFault.NO_OVERLAP: _("The secrets of this application have ended already."),
    ConflictFault.SECRET_OVER: _("This secret is revoked or expired already: nothing opens with it."),
    ConflictFault.SECRET_CREATED_ALREADY: _(
        "A secret was already created from this page. If its text is lost, revoke it and create another one."
    ),
    ConflictFault.TENANTS_STALE: _(
        "The list changed while you were looking at it. Nothing was done: check how it stands now, then decide again."
    ),
    ConflictFault.TENANT_NOT_LISTED: _("This medical centre is not on the list any more."),
    ConflictFault.BLOCKED_ALREADY: _("This application is blocked already."),
    ConflictFault.NOT_BLOCKED: _("This application is not blocked any more."),
    ConflictFault.TEAMS_TOO_MANY: _("You own %(limit)d teams already."),
    ConflictFault.SANDBOXES_TOO_MANY: _("The team has %(limit)d sandboxes already. Remove one first."),
    ConflictFault.TEAM_MEMBER_ALREADY: _("%(email)s is in the team already."),
    ConflictFault.TEAM_MEMBER_GONE: _("This person is not in the team any more."),
    ConflictFault.TEAM_MEMBERS_TOO_MANY: _("A team has at most %(limit)d members and invitations."),
    ConflictFault.TEAM_LAST_OWNER: _(
        "Nobody else who can act owns this team. Make another member an owner first, or retire its applications."
    ),
    ConflictFault.TEAM_HAS_OWNER: _("An owner can act for this team: what it needs is for them to do."),
    ConflictFault.TEAM_INVITED_JUST_NOW: _(
        "A link went to this address just now. Another one can go out %(minutes)d minutes after it."
    ),
    ConflictFault.TEAM_INVITATION_OVER: _("This invitation was used or taken back, or it has expired."),
    ConflictFault.TEAM_OTHER_ADDRESS: _("The invitation is for another address than that of your account."),
    ConflictFault.TEAM_DEVELOPERS_ONLY: _("Your account has no Developer role yet."),
    ConflictFault.TRANSFER_JUST_NOW: _(
        "It was offered just now. Another offer can go out %(minutes)d minutes after it."
    ),
    ConflictFault.VERIFIED_JUST_NOW: _(
        "A verification event was asked for just now. Another one can be asked for %(seconds)d seconds after it."
    ),
    ConflictFault.DONE_OFTEN: _("You have done this %(limit)d times within a day. Go on tomorrow."),
    ConflictFault.TRANSFER_OVER: _("This offer was answered or taken back, or it has expired."),
}

_STREAM: Mapping[StrEnum, Promise] = {
    StreamFault.ADDRESS: _("Give a full https:// address, without user name or #."),
    StreamFault.AUTHORIZATION: _("Give one line of letters, digits and ASCII signs, as in “Bearer …”."),
    StreamFault.NO_EVENTS: _("Choose at least one event."),
}

SENTENCES: Mapping[StrEnum, Promise] = {
    **_STREAM,
    **_REGISTRATION, **_REDIRECT_URI, **_FAPI, **_CONFLICT, **ticket_words.SENTENCES, **integrator_words.SENTENCES,
}  # fmt: skip
# States are parameters as the database holds them.
_STATES: Mapping[StrEnum, type[TextChoices]] = {
    ConflictFault.APPLICATION_STATE: Application.State,
    ConflictFault.REVISION_STATE: Revision.State,
}


def sentence(fault: Fault) -> str:
    """Word one fault in the reader's language; where a field holds several values, the one at fault stands before it."""
    values = dict(fault.parameters)
    if fault.code in _STATES:
        values["state"] = str(_STATES[fault.code](str(values["state"])).label)
    if fault.code == TicketConflict.ACT_REFUSED:
        values["why"] = ticket_words.refusal(str(values["why"]))
    text = str(SENTENCES[fault.code]) % values if values else str(SENTENCES[fault.code])
    return f"{fault.value}: {text}" if fault.value else text


def conflict_sentence(conflict: Conflict) -> str:
    """Word why an act was not possible."""
    return sentence(conflict.fault)


def sentences(faults: Iterable[Fault]) -> list[str]:
    """Word several faults, in their order."""
    return [sentence(fault) for fault in faults]


def summary(faults: Faults) -> str:
    """Word the faults of a whole form in one line, each after its field, for a terminal."""
    return "; ".join(f"{name}: {text}" for name, found in faults.items() for text in sentences(found))
