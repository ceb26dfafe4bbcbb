"""A job speaks the language in which it was begun."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0003_jobs_name_their_worker")]

    operations = [
        migrations.AddField(
            model_name="job", name="language", field=models.CharField(default="ja", max_length=5)
        ),
    ]
