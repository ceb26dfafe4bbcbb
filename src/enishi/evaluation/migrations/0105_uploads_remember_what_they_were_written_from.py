"""Keep beside the version a file was compared with the one it was written out from: both editors' words are shown."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0104_envelopes_in_other_languages")]

    operations = [
        migrations.AddField(
            model_name="sheetupload", name="written_version", field=models.PositiveIntegerField(null=True)
        ),
    ]
