"""A notice is read in the language of its reader."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("notifications", "0002_mail_is_tried_again")]

    operations = [
        migrations.AddField(
            model_name="notice", name="said", field=models.JSONField(blank=True, default=dict)
        ),
    ]
