"""Addresses at domains that are not ASCII get the form in which they are looked for from now on."""

from typing import Any

from django.db import migrations

from varco.accounts.addresses import canonical


def to_ascii(apps: Any, _: Any) -> None:
    """Give each such address its ASCII form, unless another account has that."""
    users = apps.get_model("accounts", "User").objects
    addresses = apps.get_model("account", "EmailAddress").objects
    for user in users.filter(email__contains="@").only("pk", "email").iterator():
        wanted = canonical(user.email)
        if wanted != user.email and not users.filter(email=wanted).exists():
            addresses.filter(user_id=user.pk, email=user.email).update(email=wanted)
            users.filter(pk=user.pk).update(email=wanted)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0008_own_accounts"), ("account", "0009_emailaddress_unique_primary_email")]

    operations = [migrations.RunPython(to_ascii, migrations.RunPython.noop)]
