"""The model is called what it is; the table keeps its name, so that the release before goes on reading it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("audit", "0001_initial")]

    operations = [
        migrations.AlterModelTable(name="refusal", table="audit_refusal"),
        migrations.RenameModel(old_name="Refusal", new_name="RefusedRequest"),
    ]
