"""Words of mail are sealed, and gone once it was sent: what was sent before loses its own too. The columns stay as they are."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def empty_what_is_over(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    messages = apps.get_model("mail", "Message").objects.using(schema_editor.connection.alias)
    messages.filter(next_try_at=None).update(text="", html="")


class Migration(migrations.Migration):
    dependencies = [("mail", "0001_initial")]

    operations = [
        migrations.RunPython(empty_what_is_over, migrations.RunPython.noop),
        migrations.AlterField("message", "text", models.TextField(db_column="text")),
        migrations.RenameField("message", "text", "sealed_text"),
        migrations.AlterField("message", "html", models.TextField(blank=True, default="", db_column="html")),
        migrations.RenameField("message", "html", "sealed_html"),
    ]
