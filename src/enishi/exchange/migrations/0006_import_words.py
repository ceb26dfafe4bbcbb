from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("exchange", "0005_matches")]

    operations = [
        migrations.AddField("importbatch", "words", models.JSONField(default=dict)),
    ]
