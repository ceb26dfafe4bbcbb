from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0002_runs_can_be_taken_back"),
    ]

    operations = [
        migrations.AddField(
            model_name="mappingprofile",
            name="code_layout",
            field=models.CharField(
                blank=True, default="", max_length=60, verbose_name="一つの列の科目の並び"
            ),
        ),
    ]
