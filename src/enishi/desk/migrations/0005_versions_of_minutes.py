from django.db import migrations, models


def version() -> models.Field:
    return models.PositiveIntegerField(default=1, editable=False)


class Migration(migrations.Migration):
    """Two people who write the same minutes are told of each other."""

    dependencies = [("desk", "0004_proposals_counted")]

    operations = [
        migrations.AddField(model_name=name, name="version", field=version())
        for name in ("meeting", "soundingminutes", "summaryparagraph", "learned")
    ]
