"""Keep what the records told a year's sheet in the other languages beside the official one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("projects", "0009_criteria_as_wide_as_measures")]

    operations = [
        migrations.AddField(
            model_name="pdcaline", name="said", field=models.JSONField(default=dict, editable=False)
        ),
    ]
