"""Keep why a document could not be read in the other languages beside the official one."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0013_answer_source_documents")]

    operations = [
        migrations.AddField("document", "said", models.JSONField(default=dict, blank=True, editable=False)),
    ]
