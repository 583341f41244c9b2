from django.db import migrations, models


class Migration(migrations.Migration):
    """Revisions that a policy approved are locked to the sandboxes of their team (S44)."""

    dependencies = [("registry", "0012_review_desk")]

    operations = [
        migrations.AddField(
            model_name="revision",
            name="sandboxes_only",
            field=models.BooleanField(default=False, db_default=False),
        ),
    ]
