from django.db import migrations, models


class Migration(migrations.Migration):
    """All questions of a house are listed by their day: without an index the list sorts every one of them."""

    dependencies = [("desk", "0007_limits_by_own_rule")]

    operations = [
        migrations.AddIndex(
            model_name="consultation",
            index=models.Index(fields=["due_on", "id"], name="consultation_by_day"),
        ),
    ]
