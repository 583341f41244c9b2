"""Every developer with applications gets a team of their own, which owns them from here on (S15)."""

import secrets

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def give_teams(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    alias = schema_editor.connection.alias
    application, team, member, user = (
        apps.get_model(*name).objects.using(alias)
        for name in (("registry", "Application"), ("registry", "Team"), ("registry", "TeamMember"), ("accounts", "User"))
    )
    owners = application.filter(team=None).values("owner")
    for owner in user.filter(pk__in=owners).order_by("pk"):
        name = f"{owner.given_name} {owner.family_name}".strip() or owner.email.partition("@")[0]
        made = team.create(public_id=f"team-{secrets.token_hex(8)}", name=name[:80])
        member.create(team=made, user=owner, role="owner")
        application.filter(team=None, owner=owner).update(team=made)


class Migration(migrations.Migration):
    dependencies = [("registry", "0015_teams")]

    operations = [migrations.RunPython(give_teams, migrations.RunPython.noop)]
