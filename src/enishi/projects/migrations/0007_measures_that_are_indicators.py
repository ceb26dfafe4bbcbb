"""A measure may be one of the municipality's indicators; a value then says which fiscal year's it is."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("indicators", "0001_initial"),
        ("projects", "0006_values_as_wide_as_indicators"),
    ]

    operations = [
        migrations.AddField(
            "measure",
            "indicator",
            models.ForeignKey(
                blank=True,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.SET_NULL,
                related_name="project_measures",
                to="indicators.indicator",
                verbose_name="指標の台帳の指標",
            ),
        ),
        migrations.AddField(
            "measurevalue",
            "indicator_year",
            models.PositiveSmallIntegerField(
                blank=True, editable=False, null=True, verbose_name="台帳の年度"
            ),
        ),
        migrations.AddConstraint(
            "measure",
            models.UniqueConstraint(
                condition=models.Q(("indicator__isnull", False)),
                fields=("project", "indicator"),
                name="measure_of_indicator_once",
            ),
        ),
    ]
