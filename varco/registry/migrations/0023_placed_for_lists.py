from django.db import migrations, models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce


def fill(apps, schema_editor):
    """Write beside each application what its revisions say."""
    alias = schema_editor.connection.alias
    own = apps.get_model('registry', 'Revision').objects.using(alias).filter(application=OuterRef('pk'))
    live = own.filter(pk=OuterRef('live_revision')).values('environment')
    newest = own.order_by('-number').values('environment')[:1]
    risky = own.filter(Q(pk=OuterRef('live_revision')) | Q(state='submitted'), high_risks__gt=0)
    apps.get_model('registry', 'Application').objects.using(alias).update(
        environment=Coalesce(Subquery(live), Subquery(newest), Value('')), high_risk=Exists(risky)
    )


class Migration(migrations.Migration):
    """What lists of applications are narrowed by, beside each application and in an order to be read in."""

    dependencies = [
        ('registry', '0022_logos'),
    ]

    operations = [
        migrations.AddField(
            model_name='application',
            name='environment',
            field=models.CharField(blank=True, db_default='', default='', max_length=12),
        ),
        migrations.AddField(
            model_name='application',
            name='high_risk',
            field=models.BooleanField(db_default=False, default=False),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['state', 'name', 'id', 'environment', 'publisher', 'client_id', 'owner'], name='application_by_state'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['environment', 'name', 'id', 'state', 'publisher', 'client_id', 'owner'], name='application_by_environment'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(fields=['publisher', 'name', 'client_id', 'owner', 'state', 'environment', 'id'], name='application_words'),
        ),
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(condition=Q(('state', 'submitted')), fields=['submitted_at', 'id'], name='revision_waiting'),
        ),
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(fields=['application', 'state', 'decided_at'], name='revision_of_application'),
        ),
        migrations.AddIndex(
            model_name='application',
            index=models.Index(condition=Q(('high_risk', True)), fields=['name', 'id'], name='application_of_high_risk'),
        ),
    ]
