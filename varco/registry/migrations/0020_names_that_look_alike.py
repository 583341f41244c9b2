from django.db import migrations, models

from varco import lookalike

ROWS_AT_ONCE = 500


def fill(apps, schema_editor):
    """Give each application the key of its name."""
    applications = apps.get_model('registry', 'Application').objects.using(schema_editor.connection.alias)
    changed = []
    for application in applications.filter(name_key='').only('pk', 'name').iterator(ROWS_AT_ONCE):
        application.name_key = lookalike.key(application.name)
        changed.append(application)
    applications.bulk_update(changed, ['name_key'], ROWS_AT_ONCE)


class Migration(migrations.Migration):
    """What all names have in common that read alike, to find those of other applications."""

    dependencies = [
        ('registry', '0019_creation_key'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='name_key',
            field=models.CharField(blank=True, db_default='', default='', max_length=400),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['name_key', 'id'], name='application_by_name_key'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
