"""Former values are few among a million: without an index the page of an indicator read the whole table for them."""

from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("indicators", "0003_targets_written_as_a_change")]

    operations = [
        migrations.AddIndex(
            model_name="measurement",
            index=models.Index(
                fields=["indicator"], condition=Q(state="superseded"), name="measurement_superseded"
            ),
        ),
        migrations.AddIndex(
            model_name="measurement",
            index=models.Index(
                fields=["element"], condition=Q(state="superseded"), name="measurement_of_element_former"
            ),
        ),
    ]
