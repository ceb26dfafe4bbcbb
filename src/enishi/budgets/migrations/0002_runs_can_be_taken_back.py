from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0001_initial"),
    ]

    operations = [
        migrations.AlterField(
            model_name="budgetimport",
            name="state",
            field=models.CharField(
                choices=[
                    ("checking", "調べています"),
                    ("refused", "直すところがあります"),
                    ("ready", "取り込めます"),
                    ("saving", "取り込んでいます"),
                    ("applied", "取り込みました"),
                    ("corrected", "訂正されました"),
                    ("taken_back", "取り消しました"),
                    ("failed", "取り込めませんでした"),
                ],
                default="checking",
                max_length=10,
            ),
        ),
    ]
