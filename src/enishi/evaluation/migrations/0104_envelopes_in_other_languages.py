"""Keep how an envelope came about in the other languages beside the official one."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("evaluation", "0103_facts_and_published_sheets_in_other_languages")]

    operations = [
        migrations.AddField(
            model_name="enveloperow", name="said", field=models.JSONField(default=dict, editable=False)
        ),
    ]
