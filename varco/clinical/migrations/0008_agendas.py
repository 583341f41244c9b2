"""Agendas, their hours, what is booked in them; and that two things never have one time, which the database itself keeps (S50)."""

import varco.clock
import varco.validators
from django.db import migrations, models


# Every agenda has a stretch of one line of minutes to itself, so that one range says both whose time it is and when. This needs no
# extension, as a constraint on two columns would (btree_gist). 2^27 minutes reach to the year 2225.
PLACE = "(agenda_id * 134217728)"
POSTGRES = f"""
    ALTER TABLE clinic_occupiedtime ADD CONSTRAINT occupied_once EXCLUDE USING gist (
        int8range({PLACE} + start_at / 60, {PLACE} + (end_at + 59) / 60) WITH &&)
"""
# What is there never overlaps: of what begins before the new one ends, only the last can reach into it.
SQLITE = (
    """
    CREATE TRIGGER occupied_once BEFORE INSERT ON clinic_occupiedtime
    WHEN (SELECT end_at FROM clinic_occupiedtime WHERE agenda_id = NEW.agenda_id AND start_at < NEW.end_at
          ORDER BY start_at DESC LIMIT 1) > NEW.start_at
    BEGIN SELECT RAISE(ABORT, 'occupied'); END
    """,
    """
    CREATE TRIGGER occupied_unchanged BEFORE UPDATE OF agenda_id, start_at, end_at ON clinic_occupiedtime
    BEGIN SELECT RAISE(ABORT, 'occupied'); END
    """,
)
SQLITE_BACK = ("DROP TRIGGER occupied_once", "DROP TRIGGER occupied_unchanged")


def keep_apart(_apps, schema_editor):
    for text in SQLITE if schema_editor.connection.vendor == "sqlite" else (POSTGRES,):
        schema_editor.execute(text, params=None)


def keep_apart_no_more(_apps, schema_editor):
    back = ("ALTER TABLE clinic_occupiedtime DROP CONSTRAINT occupied_once",)
    for text in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else back:
        schema_editor.execute(text, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0007_consents_and_guardians'),
    ]

    operations = [
        migrations.CreateModel(
            name='AgendaHold',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('agenda_id', models.BigIntegerField()),
                ('room_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('machine_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('treatment_id', models.BigIntegerField()),
                ('start_at', models.BigIntegerField()),
                ('end_at', models.BigIntegerField()),
                ('offset_minutes', models.SmallIntegerField()),
                ('person', models.CharField(max_length=40)),
                ('application_id', models.BigIntegerField()),
                ('expires_at', models.BigIntegerField(db_index=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.BigIntegerField(default=varco.clock.now)),
            ],
        ),
        migrations.CreateModel(
            name='AppointmentSeries',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('patient_id', models.BigIntegerField()),
                ('treatment_id', models.BigIntegerField()),
                ('count', models.PositiveSmallIntegerField()),
                ('created_at', models.BigIntegerField(default=varco.clock.now)),
            ],
        ),
        migrations.AddField(
            model_name='agenda',
            name='buffer_minutes',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='agenda',
            name='daily_cap',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='agenda',
            name='horizon_days',
            field=models.PositiveIntegerField(db_default=365, default=365),
        ),
        migrations.AddField(
            model_name='agenda',
            name='kind',
            field=models.CharField(choices=[('doctor', 'Doctor'), ('room', 'Room'), ('machine', 'Machine')], db_default='doctor', default='doctor', max_length=8),
        ),
        migrations.AddField(
            model_name='agenda',
            name='lead_minutes',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
        migrations.AddField(
            model_name='agenda',
            name='step_minutes',
            field=models.PositiveIntegerField(db_default=15, default=15),
        ),
        migrations.CreateModel(
            name='AgendaException',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('agenda_id', models.BigIntegerField()),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('opens', models.PositiveSmallIntegerField(default=0)),
                ('closes', models.PositiveSmallIntegerField(default=1440)),
                ('is_open', models.BooleanField(default=False)),
                ('note', models.CharField(blank=True, default='', max_length=120, validators=[varco.validators.ReadableText()])),
            ],
            options={
                'indexes': [models.Index(fields=['agenda_id', 'last_day'], name='exceptions_of_agenda')],
            },
        ),
        migrations.CreateModel(
            name='AgendaHours',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('agenda_id', models.BigIntegerField()),
                ('weekday', models.PositiveSmallIntegerField()),
                ('opens', models.PositiveSmallIntegerField()),
                ('closes', models.PositiveSmallIntegerField()),
                ('is_break', models.BooleanField(default=False)),
                ('valid_from', models.DateField(blank=True, default=None, null=True)),
                ('valid_to', models.DateField(blank=True, default=None, null=True)),
                ('treatments', models.CharField(blank=True, default='', max_length=400)),
            ],
            options={
                'indexes': [models.Index(fields=['agenda_id'], name='hours_of_agenda')],
                'constraints': [models.CheckConstraint(condition=models.Q(('closes__lte', 1440), ('opens__lt', models.F('closes')), ('weekday__range', (1, 7))), name='hours_of_a_day')],
            },
        ),
        migrations.CreateModel(
            name='AgendaTreatment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('treatment_id', models.BigIntegerField()),
                ('agenda_id', models.BigIntegerField()),
                ('minutes', models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                'constraints': [models.UniqueConstraint(fields=('treatment_id', 'agenda_id'), name='treatment_of_agenda_once')],
            },
        ),
        migrations.CreateModel(
            name='Appointment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('agenda_id', models.BigIntegerField()),
                ('room_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('machine_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('patient_id', models.BigIntegerField()),
                ('treatment_id', models.BigIntegerField()),
                ('start_at', models.BigIntegerField()),
                ('end_at', models.BigIntegerField()),
                ('offset_minutes', models.SmallIntegerField()),
                ('state', models.CharField(default='booked', max_length=10)),
                ('clash', models.BooleanField(default=False)),
                ('cancel_reason', models.CharField(blank=True, default='', max_length=10)),
                ('series_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('booked_by', models.CharField(max_length=40)),
                ('booked_by_name', models.CharField(blank=True, default='', max_length=254)),
                ('booked_through', models.CharField(blank=True, default='', max_length=80)),
                ('application_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('version', models.PositiveIntegerField(default=1)),
                ('created_at', models.BigIntegerField(default=varco.clock.now)),
                ('updated_at', models.BigIntegerField(default=varco.clock.now)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'start_at', 'id'], name='appointment_by_time'), models.Index(fields=['tenant_id', 'agenda_id', 'start_at', 'id'], name='appointment_of_agenda'), models.Index(fields=['tenant_id', 'patient_id', 'start_at', 'id'], name='appointment_of_patient'), models.Index(fields=['tenant_id', 'series_id', 'start_at'], name='appointment_of_series')],
            },
        ),
        migrations.CreateModel(
            name='AppointmentStep',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('appointment_id', models.BigIntegerField()),
                ('at', models.BigIntegerField()),
                ('act', models.CharField(max_length=10)),
                ('state', models.CharField(max_length=10)),
                ('agenda_id', models.BigIntegerField()),
                ('start_at', models.BigIntegerField()),
                ('end_at', models.BigIntegerField()),
                ('offset_minutes', models.SmallIntegerField()),
                ('person', models.CharField(max_length=40)),
                ('person_name', models.CharField(blank=True, default='', max_length=254)),
                ('application_name', models.CharField(blank=True, default='', max_length=80)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'appointment_id', 'id'], name='step_of_appointment')],
            },
        ),
        migrations.CreateModel(
            name='ClinicClosure',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('first_day', models.DateField()),
                ('last_day', models.DateField()),
                ('name', models.CharField(blank=True, default='', max_length=120, validators=[varco.validators.ReadableText()])),
                ('is_open', models.BooleanField(default=False)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'last_day'], name='closures_of_clinic')],
            },
        ),
        migrations.CreateModel(
            name='OccupiedTime',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('agenda_id', models.BigIntegerField()),
                ('start_at', models.BigIntegerField()),
                ('end_at', models.BigIntegerField()),
                ('appointment_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('hold_id', models.BigIntegerField(blank=True, default=None, null=True)),
                ('expires_at', models.BigIntegerField(blank=True, default=None, null=True)),
            ],
            options={
                'indexes': [models.Index(fields=['agenda_id', 'start_at'], name='occupied_of_agenda'), models.Index(fields=['appointment_id'], name='occupied_by_appointment'), models.Index(condition=models.Q(('hold_id__isnull', False)), fields=['hold_id'], name='occupied_by_hold'), models.Index(condition=models.Q(('expires_at__isnull', False)), fields=['agenda_id', 'expires_at'], name='occupied_until')],
                'constraints': [models.CheckConstraint(condition=models.Q(('start_at__lte', models.F('end_at'))), name='occupied_forwards')],
            },
        ),
        migrations.CreateModel(
            name='Treatment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('name', models.CharField(max_length=120, validators=[varco.validators.ReadableText()])),
                ('code', models.CharField(blank=True, default='', max_length=20, validators=[varco.validators.ReadableText()])),
                ('duration_minutes', models.PositiveSmallIntegerField()),
                ('vat_code', models.CharField(default='N4', max_length=4)),
                ('active', models.BooleanField(default=True)),
                ('created_at', models.BigIntegerField(default=varco.clock.now)),
                ('updated_at', models.BigIntegerField(default=varco.clock.now)),
            ],
            options={
                'indexes': [models.Index(fields=['tenant_id', 'name', 'id'], name='treatment_by_name')],
            },
        ),
        migrations.CreateModel(
            name='BookingLock',
            fields=[
                ('id', models.IntegerField(primary_key=True, serialize=False)),
            ],
        ),
        migrations.RunPython(keep_apart, keep_apart_no_more),
    ]
