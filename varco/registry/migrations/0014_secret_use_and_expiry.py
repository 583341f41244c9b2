
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    """Warnings before a secret ends, and the network it was last used from (S12)."""

    dependencies = [
        ('registry', '0013_sandboxes_only'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name='secret',
            name='due_at',
            field=models.BigIntegerField(blank=True, default=None, null=True),
        ),
        migrations.AddField(
            model_name='secret',
            name='last_used_from',
            field=models.CharField(blank=True, db_default='', default='', max_length=43),
        ),
        migrations.AddField(
            model_name='secret',
            name='warned_days',
            field=models.PositiveSmallIntegerField(db_default=0, default=0),
        ),
        migrations.AddIndex(
            model_name='secret',
            index=models.Index(fields=['due_at', 'id'], name='secret_due'),
        ),
    ]
