"""Widen the numbers of measures to those of indicators, so that none is rounded on its way from there."""

from django.db import migrations, models


def wide(verbose_name: str) -> "models.DecimalField":
    return models.DecimalField(
        blank=True, decimal_places=6, max_digits=24, null=True, verbose_name=verbose_name
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0005_tied_to_programmes")]

    operations = [
        migrations.AlterField("measure", "baseline_value", wide("基準値")),
        migrations.AlterField("measure", "target_value", wide("目標値")),
        migrations.AlterField("measure", "tolerance", wide("保つときの許容幅")),
        migrations.AlterField("measurevalue", "value", wide("値")),
    ]
