"""All that is kept about one person, as they may have it (GDPR articles 15 and 20): one JSON document, without secrets.

What they did to others is in it by act and time alone: whom it was about is those people's.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.db import transaction

from varco import clock
from varco.accounts import queries as accounts
from varco.accounts.models import User
from varco.audit.queries import events_of_person
from varco.audit.services import Origin, record
from varco.audit.tags import Tag
from varco.grants import queries as grants
from varco.mail import queries as mail
from varco.people.accounts import roles_of
from varco.registry import access, desk
from varco.tenants.queries import membership_of

Data = dict[str, Any]

WORDS = frozenset({"text", "reason"})
"""What of an event's detail somebody has written about a person, or why."""


@transaction.atomic
def export(user: User, origin: Origin) -> Data:
    """Everything about somebody, and the record that they took it."""
    record(Tag.ACCOUNT_EXPORTED, origin, user=user)
    return {
        "made": _moment(clock.now()),
        "account": _account(user),
        "clinic": _clinic(user),
        "second_factors": list(_factors(user)),
        "sessions": list(_sessions(user)),
        "consents": list(_consents(user)),
        "grants": list(_grants(user)),
        "applications": [
            {"name": each.name, "client_id": each.client_id, "state": each.state} for each in access.of_developer(user)
        ],
        "review_messages": [
            {"application": each.application.name, "written": _moment(each.at_ms // 1000), "text": each.text}
            for each in desk.written_by(user)
        ],
        "mail": [
            {"to": each.to, "subject": each.subject, "written": _moment(each.created_at), "sent": _moment(each.sent_at)}
            for each in mail.newest(user.email)
        ],
        "record": list(_events(user)),
    }


def _account(user: User) -> Data:
    addresses = EmailAddress.objects.filter(user=user).order_by("pk")
    return {
        "sub": user.public_id,
        "email": user.email,
        "given_name": user.given_name,
        "family_name": user.family_name,
        "language": user.language,
        "roles": roles_of(user),
        "developer_since": _moment(user.developer_since),
        "created": _moment(user.created_at),
        "changed": _moment(user.updated_at),
        "terms": {"version": user.terms_version, "accepted": _moment(user.terms_at)} if user.terms_version else None,
        "has_password": user.has_usable_password(),
        "addresses": [{"email": each.email, "confirmed": each.verified} for each in addresses],
        "former_addresses": [
            {"email": each.before, "until": _moment(each.created_at), "can_be_undone_until": _moment(each.undo_until)}
            for each in accounts.address_changes_of(user)
        ],
    }


def _clinic(user: User) -> Data | None:
    membership = membership_of(user)
    if membership is None:
        return None
    return {
        "tenant": membership.tenant.public_id,
        "name": membership.tenant.name,
        "kind": membership.tenant.kind,
        "role": membership.role,
        "permissions": membership.permissions.split(),
        "active": membership.active,
        "since": _moment(membership.created_at),
        "until": _moment(membership.expires_at),
    }


def _factors(user: User) -> Iterator[Data]:
    for factor in Authenticator.objects.filter(user=user).order_by("pk"):
        named = {"name": factor.data.get("name", "")} if factor.type == Authenticator.Type.WEBAUTHN else {}
        times = {"since": factor.created_at.isoformat(), "last_used": _iso(factor.last_used_at)}
        yield {"type": str(factor.type), **named, **times}


def _sessions(user: User) -> Iterator[Data]:
    for session in UserSession.objects.filter(user=user).order_by("pk"):
        yield {
            "browser": session.user_agent,
            "address": session.ip,
            "signed_in": session.created_at.isoformat(),
            "last_seen": session.last_seen_at.isoformat(),
        }


def _consents(user: User) -> Iterator[Data]:
    for consent in grants.consents_ever(user):
        yield {
            "application": consent.application.name,
            "client_id": consent.application.client_id,
            "clinic": consent.tenant.public_id if consent.tenant else None,
            "scopes": consent.scopes.split(),
            "refused": consent.refused.split(),
            "claims": consent.claims.split(),
            "given": _moment(consent.given_at),
            "withdrawn": _moment(consent.withdrawn_at),
        }


def _grants(user: User) -> Iterator[Data]:
    for grant in grants.grants_of(user):
        yield {
            "application": grant.application.name,
            "clinic": grant.tenant.public_id,
            "scopes": grant.scopes.split(),
            "state": grant.state,
            "since": _moment(grant.created_at),
            "last_used": _moment(grant.last_used_at or None),
            "ended": _moment(grant.ended_at),
            "why": grant.end_reason,
        }


def _events(user: User) -> Iterator[Data]:
    for event in events_of_person(user.public_id).iterator():
        about_me = event.user == user.public_id
        yield {
            "at": datetime.fromtimestamp(event.at / 1000, UTC).isoformat(),
            "what": event.tag,
            "by_me": event.actor == user.public_id,
            "about_me": about_me,
            "application": event.application_name,
            "clinic": event.tenant,
            "from": event.ip if event.actor == user.public_id else "",
            "request_id": event.request_id,
            "detail": _detail(event.detail, whole=event.actor == user.public_id) if about_me else {},
        }


def _detail(detail: Data, *, whole: bool) -> Data:
    """The facts of an event, without the words of whoever acted: of many acts the pages promise that its reason is not told."""
    return detail if whole else {name: value for name, value in detail.items() if name not in WORDS}


def _moment(seconds: int | None) -> str | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC).isoformat()


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()
