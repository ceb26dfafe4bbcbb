"""Keep a newer version for as long as an older document points to it; nothing changes in the database itself."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0014_reading_notes_in_other_languages")]

    operations = [
        migrations.AlterField(
            "document",
            "superseded_by",
            models.ForeignKey(
                "knowledge.document",
                verbose_name="新しい版",
                on_delete=django.db.models.deletion.PROTECT,
                null=True,
                blank=True,
                related_name="earlier_versions",
            ),
        ),
    ]
