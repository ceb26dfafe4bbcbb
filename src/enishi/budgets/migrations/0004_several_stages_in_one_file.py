from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("budgets", "0003_codes_in_one_column"),
    ]

    operations = [
        migrations.AddField(
            model_name="mappingprofile",
            name="stage_words",
            field=models.CharField(
                blank=True, default="", max_length=500, verbose_name="段階の書き方"
            ),
        ),
        migrations.AddField(
            model_name="budgetimport",
            name="batch",
            field=models.UUIDField(blank=True, db_index=True, editable=False, null=True),
        ),
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
                    ("empty", "金額がありません"),
                ],
                default="checking",
                max_length=10,
            ),
        ),
    ]
