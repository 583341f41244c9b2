"""Identifiers, places of birth, telephone numbers in one form and the state of patients; only active ones are found by words of their name."""

from importlib import import_module
from itertools import islice

from django.db import migrations, models

from varco.clinical.names import search_name
from varco.clinical.phones import e164

BATCH = 2000

SQLITE_WORDS = """
    INSERT INTO clinic_patientword (tenant_id, word, search_name, patient_id)
    SELECT NEW.tenant_id, word.value, NEW.search_name, NEW.id
    FROM json_each('[' || replace(json_quote(NEW.search_name), ' ', '","') || ']') AS word
    WHERE word.value <> '' AND NEW.state = 'active' ON CONFLICT DO NOTHING
"""
GONE = "DELETE FROM clinic_patientword WHERE patient_id = OLD.id"
# What made the table of patients anew has dropped its triggers.
SQLITE = (
    "DROP TRIGGER IF EXISTS patient_words_added",
    "DROP TRIGGER IF EXISTS patient_words_changed",
    "DROP TRIGGER IF EXISTS patient_words_removed",
    f"CREATE TRIGGER patient_words_added AFTER INSERT ON clinic_patient BEGIN {SQLITE_WORDS}; END",
    f"""
    CREATE TRIGGER patient_words_changed AFTER UPDATE OF id, tenant_id, search_name, state ON clinic_patient
    WHEN OLD.search_name <> NEW.search_name OR OLD.tenant_id <> NEW.tenant_id OR OLD.id <> NEW.id OR OLD.state <> NEW.state
    BEGIN {GONE}; {SQLITE_WORDS}; END
    """,
    f"CREATE TRIGGER patient_words_removed AFTER DELETE ON clinic_patient BEGIN {GONE}; END",
)
POSTGRES = (
    f"""
    CREATE OR REPLACE FUNCTION clinic_patient_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (OLD.id, OLD.tenant_id, OLD.search_name, OLD.state) = (NEW.id, NEW.tenant_id, NEW.search_name, NEW.state) THEN
                RETURN NULL;
            END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            {GONE};
        END IF;
        IF TG_OP <> 'DELETE' THEN
            INSERT INTO clinic_patientword (tenant_id, word, search_name, patient_id)
            SELECT NEW.tenant_id, word, NEW.search_name, NEW.id
            FROM unnest(string_to_array(NEW.search_name, ' ')) AS word WHERE word <> '' AND NEW.state = 'active'
            ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END $$
    """,
    "DROP TRIGGER patient_words ON clinic_patient",
    """
    CREATE TRIGGER patient_words AFTER INSERT OR UPDATE OF id, tenant_id, search_name, state OR DELETE ON clinic_patient
    FOR EACH ROW EXECUTE FUNCTION clinic_patient_words()
    """,
)


def keep_words(_apps, schema_editor):
    """The words of active patients are those there are."""
    for text in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(text, params=None)


def keep_none(_apps, schema_editor):
    """SQLite takes no column away that a trigger names."""
    if schema_editor.connection.vendor == "sqlite":
        for text in SQLITE[:3]:
            schema_editor.execute(text, params=None)


def keep_words_as_before(_apps, schema_editor):
    """The triggers of the release before, which knows no state."""
    before = import_module("varco.clinical.migrations.0003_patient_words")
    if schema_editor.connection.vendor == "sqlite":
        texts = before.SQLITE[:3]
    else:
        texts = ("DROP FUNCTION IF EXISTS clinic_patient_words() CASCADE", *before.POSTGRES[1:3])
    for text in texts:
        schema_editor.execute(text, params=None)


def find_again(apps, schema_editor):
    """Names in further spellings, and telephone numbers in one form, where there is something to add."""
    patients = apps.get_model("clinic", "Patient").objects.using(schema_editor.connection.alias)
    rows = patients.order_by("pk").only("first_name", "last_name", "search_name", "phone").iterator(BATCH)
    while batch := list(islice(rows, BATCH)):
        changed = []
        for row in batch:
            name, number = search_name(row.last_name, row.first_name), e164(row.phone) if row.phone else ""
            # Of a name that is looked for by something else than itself, as data from elsewhere may be, nothing is known here.
            if (row.search_name != name and name.startswith(row.search_name)) or number:
                row.search_name = name if name.startswith(row.search_name) else row.search_name
                row.phone_e164 = number
                changed.append(row)
        patients.bulk_update(changed, ["search_name", "phone_e164"], batch_size=200)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0004_chains_and_access_records'),
    ]

    operations = [
        migrations.RunPython(migrations.RunPython.noop, keep_words_as_before),
        migrations.CreateModel(
            name='PatientIdentifier',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('patient_id', models.BigIntegerField()),
                ('kind', models.CharField(max_length=12)),
                ('issuer', models.CharField(blank=True, default='', max_length=80)),
                ('value', models.CharField(max_length=60)),
            ],
        ),
        migrations.AddField(
            model_name='patient',
            name='birth_place',
            field=models.CharField(blank=True, db_default='', default='', max_length=4),
        ),
        migrations.AddField(
            model_name='patient',
            name='identifiers',
            field=models.TextField(blank=True, db_default='', default=''),
        ),
        migrations.AddField(
            model_name='patient',
            name='merged_into',
            field=models.BigIntegerField(blank=True, default=None, null=True),
        ),
        migrations.AddField(
            model_name='patient',
            name='phone_e164',
            field=models.CharField(blank=True, db_default='', default='', max_length=20),
        ),
        migrations.AddField(
            model_name='patient',
            name='state',
            field=models.CharField(choices=[('active', 'Active'), ('archived', 'Archived'), ('merged', 'Merged into another one'), ('anonymised', 'Anonymised')], db_default='active', default='active', max_length=12),
        ),
        migrations.RunPython(keep_words, keep_none),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['tenant_id', 'state', 'search_name', 'id'], name='patient_listed'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(fields=['tenant_id', 'birth_date', 'search_name', 'id'], name='patient_born'),
        ),
        migrations.AddIndex(
            model_name='patient',
            index=models.Index(condition=models.Q(('phone_e164', ''), _negated=True), fields=['tenant_id', 'phone_e164', 'search_name', 'id'], name='patient_called'),
        ),
        migrations.AddIndex(
            model_name='patientidentifier',
            index=models.Index(fields=['tenant_id', 'value', 'patient_id'], name='patient_identified'),
        ),
        migrations.AddIndex(
            model_name='patientidentifier',
            index=models.Index(fields=['patient_id'], name='patient_identifier_of'),
        ),
        migrations.AddConstraint(
            model_name='patientidentifier',
            constraint=models.UniqueConstraint(condition=models.Q(('kind__in', ('fiscalCode', 'provisional', 'stp', 'eni'))), fields=('tenant_id', 'kind', 'issuer', 'value'), name='patient_identifier_once'),
        ),
        migrations.RunPython(find_again, migrations.RunPython.noop),
    ]
