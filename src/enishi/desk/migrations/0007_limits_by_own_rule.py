from django.db import migrations, models


class Migration(migrations.Migration):
    """Each body sets its own limits within the cabinet order's, by rule, and its own floor for the council, by ordinance."""

    dependencies = [("desk", "0006_invited_reviewers")]

    operations = [
        migrations.AddField(
            model_name="desksettings",
            name="own_limits",
            field=models.JSONField(blank=True, default=dict, verbose_name="規則・条例で定めた金額"),
        ),
        migrations.AddField(
            model_name="desksettings",
            name="own_limits_source",
            field=models.CharField(blank=True, max_length=200, verbose_name="定めた規則・条例"),
        ),
    ]
