"""Makes the bench's world in fresh databases and prints what the load needs to know: run as its own process."""

import hashlib
import json
import secrets
import sys
from typing import Any

from varco.ops.environment import start_django

PEOPLE = 200
CLINICS = 20
DEVICES = 500


DATA_SCOPES = ("giponext.patients", "giponext.agenda")


def _application(scopes: list[str]) -> tuple[Any, str]:
    """An approved web application and the clear text of its secret."""
    from varco import clock
    from varco.accounts.models import User
    from varco.registry.models import Application, Revision, Secret, Team, TeamMember

    owner = User.objects.create(email="developer@bench.example", password="!", developer_since=clock.now())
    team = Team.objects.create(name="Bench")
    TeamMember.objects.create(team=team, user=owner, role="owner")
    application = Application.objects.create(
        client_id="varco-bench", team=team, owner=owner, name="Bench", state="active"
    )
    application.live_revision = Revision.objects.create(
        application=application,
        number=1,
        state="approved",
        type="web",
        grant_types=["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
        redirect_uris=["https://bench.example/callback"],
        scopes=[{"name": name, "reason": "The bench needs it.", "required": False} for name in scopes],
        claims=["profile", "email", "tenant"],
    )
    application.save()
    secret = f"vs.{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(secret.encode()).hexdigest()
    Secret.objects.create(application=application, label="bench", digest=digest, hint=secret[-4:], created_by=owner)
    return application, secret


def _devices(application: Any) -> list[str]:
    """The codes of devices that wait for somebody."""
    from varco import clock
    from varco.grants.models import DeviceRequest

    codes = [f"vdc.{secrets.token_urlsafe(32)}" for _ in range(DEVICES)]
    DeviceRequest.objects.bulk_create(
        DeviceRequest(
            device_code_hash=hashlib.sha256(code.encode()).hexdigest(),
            user_code=f"BENCH{number:05}",
            application=application,
            scopes="openid",
            interval=0,  # so that every poll comes in time, as those of real devices do
            expires_at=clock.now() + 86400,
        )
        for number, code in enumerate(codes)
    )
    return codes


def main(grants: int) -> None:
    """Migrate, make clinics, people, one application and its grants; print client, secret and refresh tokens as JSON."""
    start_django()
    from django.core.management import call_command

    for alias in ("default", "clinic", "sandbox"):
        call_command("migrate", database=alias, verbosity=0)
    call_command("createcachetable", verbosity=0)

    from varco import catalog, clock, config, sealing
    from varco.accounts.models import User
    from varco.grants.models import Grant
    from varco.keys import services as keys
    from varco.protocol.refresh_token import RefreshTokenCodec
    from varco.tenants.models import Membership, Tenant

    keys.ensure()
    application, secret = _application(scopes := ["openid", "profile", "email", "offline_access", *DATA_SCOPES])
    tenants = [
        Tenant.objects.create(name=f"Clinic {number}", kind="production", database="clinic")
        for number in range(CLINICS)
    ]
    permissions = " ".join(catalog.current().roles["doctor"].permissions)
    memberships = []
    for number in range(PEOPLE):
        user = User.objects.create(
            email=f"doctor{number}@bench.example", password="!", given_name="Dario", family_name="Bench"
        )
        membership = Membership(user=user, tenant=tenants[number % CLINICS], role="doctor", permissions=permissions)
        membership.save()
        memberships.append(membership)
    now = clock.now()
    made = [
        Grant(
            state="active",
            user=memberships[number % PEOPLE].user,
            application=application,
            tenant=memberships[number % PEOPLE].tenant,
            scopes=" ".join(scopes),
            claims="profile email tenant",
            rid=secrets.token_hex(16),
            n=1,
            idle_expires_at=now + 86400,
            expires_at=now + 86400,
            auth_time=now,
        )
        for number in range(grants)
    ]
    Grant.objects.bulk_create(made, batch_size=500)
    masters = config.master_keys(config.load())
    codec = RefreshTokenCodec([sealing.derive(master, "refresh-token") for master in masters])
    tokens = [codec.encode(grant.rid or "", 1, "varco-bench") for grant in made]
    told = {
        "client_id": "varco-bench",
        "secret": secret,
        "refresh_tokens": tokens,
        "device_codes": _devices(application),
    }
    json.dump(told, sys.stdout)


if __name__ == "__main__":
    main(int(sys.argv[1]))
