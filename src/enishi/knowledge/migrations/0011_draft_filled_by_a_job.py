import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("foundation", "0001_initial"), ("knowledge", "0010_embedding_counted")]

    operations = [
        migrations.AddField(
            "draft",
            "job",
            models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="+",
                to="foundation.job",
            ),
        ),
    ]
