"""Keep with an import what of the list was not read, and how the rest was understood."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("agreements", "0003_drafts_shown_to_the_parties")]

    operations = [migrations.AddField("agreementimport", "notes", models.JSONField(default=list))]
