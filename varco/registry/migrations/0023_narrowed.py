from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('registry', '0022_logos'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='revision',
            index=models.Index(fields=['state', 'environment', 'high_risks'], name='revision_narrowed'),
        ),
    ]
