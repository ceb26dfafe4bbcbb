"""Widen the criteria of trials to the measures they are compared with: one rule for every number of a project."""

from django.db import migrations, models


def wide(verbose_name: str) -> "models.DecimalField":
    return models.DecimalField(
        blank=True, decimal_places=6, max_digits=24, null=True, verbose_name=verbose_name
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0008_next_challenges")]

    operations = [
        migrations.AlterField("trial", "success_value", wide("成功の基準の値")),
        migrations.AlterField("trial", "stop_value", wide("中止の基準の値")),
    ]
