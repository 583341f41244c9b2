"""The words of patients' names, kept by triggers: whoever writes a patient, in whatever version, writes the words."""

from django.db import migrations, models

SQLITE_WORDS = """
    SELECT {row}.tenant_id, word.value, {row}.search_name, {row}.id
    FROM {rows}json_each('[' || replace(json_quote({row}.search_name), ' ', '","') || ']') AS word WHERE word.value <> ''
"""
ADDED = "INSERT INTO clinic_patientword (tenant_id, word, search_name, patient_id)"
GONE = "DELETE FROM clinic_patientword WHERE patient_id = OLD.id"
SQLITE_COME = f"{ADDED} {SQLITE_WORDS.format(row='NEW', rows='')} ON CONFLICT DO NOTHING"
SQLITE = (
    f"CREATE TRIGGER patient_words_added AFTER INSERT ON clinic_patient BEGIN {SQLITE_COME}; END",
    f"""
    CREATE TRIGGER patient_words_changed AFTER UPDATE OF id, tenant_id, search_name ON clinic_patient
    WHEN OLD.search_name <> NEW.search_name OR OLD.tenant_id <> NEW.tenant_id OR OLD.id <> NEW.id
    BEGIN {GONE}; {SQLITE_COME}; END
    """,
    f"CREATE TRIGGER patient_words_removed AFTER DELETE ON clinic_patient BEGIN {GONE}; END",
    f"{ADDED} {SQLITE_WORDS.format(row='p', rows='clinic_patient p, ')} ON CONFLICT DO NOTHING",
)
SQLITE_BACK = ("DROP TRIGGER patient_words_added", "DROP TRIGGER patient_words_changed", "DROP TRIGGER patient_words_removed")

POSTGRES_WORDS = """
    SELECT {row}.tenant_id, word, {row}.search_name, {row}.id
    FROM {rows}unnest(string_to_array({row}.search_name, ' ')) AS word WHERE word <> ''
"""
POSTGRES = (
    # In the order of their code points, whatever the database's language: only then are the words that begin alike neighbours.
    'ALTER TABLE clinic_patientword ALTER COLUMN word TYPE varchar(170) COLLATE "C"',
    f"""
    CREATE FUNCTION clinic_patient_words() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'UPDATE' THEN
            IF (OLD.id, OLD.tenant_id, OLD.search_name) = (NEW.id, NEW.tenant_id, NEW.search_name) THEN
                RETURN NULL;
            END IF;
        END IF;
        IF TG_OP <> 'INSERT' THEN
            {GONE};
        END IF;
        IF TG_OP <> 'DELETE' THEN
            {ADDED} {POSTGRES_WORDS.format(row="NEW", rows="")} ON CONFLICT DO NOTHING;
        END IF;
        RETURN NULL;
    END $$
    """,
    """
    CREATE TRIGGER patient_words AFTER INSERT OR UPDATE OF id, tenant_id, search_name OR DELETE ON clinic_patient
    FOR EACH ROW EXECUTE FUNCTION clinic_patient_words()
    """,
    f"{ADDED} {POSTGRES_WORDS.format(row='p', rows='clinic_patient p, ')}",
)
POSTGRES_BACK = ("DROP TRIGGER patient_words ON clinic_patient", "DROP FUNCTION clinic_patient_words()")


def keep_words(_apps, schema_editor):
    """The triggers, then the words of the patients there are: nothing is written to the table between."""
    for text in SQLITE if schema_editor.connection.vendor == "sqlite" else POSTGRES:
        schema_editor.execute(text, params=None)


def keep_no_words(_apps, schema_editor):
    for text in SQLITE_BACK if schema_editor.connection.vendor == "sqlite" else POSTGRES_BACK:
        schema_editor.execute(text, params=None)


class Migration(migrations.Migration):

    dependencies = [
        ('clinic', '0002_idempotency_key_and_pending_event'),
    ]

    operations = [
        migrations.CreateModel(
            name='PatientWord',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tenant_id', models.CharField(max_length=40)),
                ('word', models.CharField(max_length=170)),
                ('search_name', models.CharField(max_length=170)),
                ('patient_id', models.BigIntegerField()),
            ],
            options={
                'indexes': [models.Index(fields=['patient_id'], name='patient_word_of')],
                'constraints': [models.UniqueConstraint(fields=('tenant_id', 'word', 'search_name', 'patient_id'), name='patient_word_once')],
            },
        ),
        migrations.RunPython(keep_words, keep_no_words),
    ]
