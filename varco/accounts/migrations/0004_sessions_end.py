"""Sessions are stored under a hash of their cookie from here on: those stored under the cookie itself are deleted.

Cookies of them open nothing in this version. Of sessions that the version before begins meanwhile, this is true as well.
"""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def delete_sessions(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for app, model in (("usersessions", "UserSession"), ("sessions", "Session")):
        apps.get_model(app, model).objects.using(schema_editor.connection.alias).all().delete()


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0003_failed_attempts"),
        ("sessions", "0001_initial"),
        ("usersessions", "0001_initial"),
    ]

    operations = [migrations.RunPython(delete_sessions, migrations.RunPython.noop)]
