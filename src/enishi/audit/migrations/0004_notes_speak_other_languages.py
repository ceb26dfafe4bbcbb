"""A note that is a sentence of ours is read in the reader's language.

Empty in what is there already, so that SQLite adds the column in place and the guard of the table stays.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_guard")]

    operations = [
        migrations.AddField(model_name="auditevent", name="said", field=models.JSONField(null=True)),
    ]
