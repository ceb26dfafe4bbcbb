"""Keep when somebody was told of a follow-up: one added late, or missed by a round, is told of all the same."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0105_uploads_remember_what_they_were_written_from")]

    operations = [
        migrations.AddField(
            model_name="followup",
            name="told_on",
            field=models.DateField(blank=True, editable=False, null=True),
        ),
    ]
