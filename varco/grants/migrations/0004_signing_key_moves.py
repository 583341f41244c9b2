"""The model `SigningKey` is of the app `keys` from here on; its table stays (see `keys.0001_signing_key`)."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('grants', '0003_consent_tenant'),
        ('keys', '0001_signing_key'),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            state_operations=[
                migrations.DeleteModel(
                    name='SigningKey',
                ),
            ],
        ),
    ]
