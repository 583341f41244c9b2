"""The table of signing keys changes its app, from `grants` to this one, and stays what it is: no statement is run."""

from django.db import migrations, models


class Migration(migrations.Migration):

    initial = True

    dependencies = [
        ('grants', '0003_consent_tenant'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.CreateModel(
                    name='SigningKey',
                    fields=[
                        ('kid', models.CharField(max_length=40, primary_key=True, serialize=False)),
                        ('alg', models.CharField(max_length=10)),
                        ('public_jwk', models.JSONField()),
                        ('sealed_private', models.BinaryField()),
                        ('published_at', models.BigIntegerField()),
                        ('active_at', models.BigIntegerField()),
                        ('retires_at', models.BigIntegerField()),
                        ('gone_at', models.BigIntegerField()),
                        ('revoked_at', models.BigIntegerField(blank=True, default=None, null=True)),
                    ],
                    options={
                        'db_table': 'grants_signingkey',
                    },
                ),
            ],
        ),
    ]
