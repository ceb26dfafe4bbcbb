"""Two who change the desk for residents at once both see what the other wrote."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0015_newer_versions_stay")]

    operations = [
        migrations.AddField(
            model_name="concierge",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
