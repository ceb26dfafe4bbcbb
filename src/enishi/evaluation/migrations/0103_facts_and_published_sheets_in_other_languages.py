"""Keep frozen facts and published sheets in the other languages beside the official ones."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("evaluation", "0102_own_forms")]

    operations = [
        migrations.AddField(
            model_name="factsheet", name="said", field=models.JSONField(default=dict)
        ),
        migrations.AddField(
            model_name="publishedsheet", name="said", field=models.JSONField(default=dict)
        ),
    ]
