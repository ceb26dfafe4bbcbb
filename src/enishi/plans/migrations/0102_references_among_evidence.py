from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("plans", "0101_logic_models_priorities_evidence_readings")]

    operations = [
        migrations.AlterField(
            model_name="evidence",
            name="kind",
            field=models.CharField(
                choices=[
                    ("statistic", "公的統計"),
                    ("survey", "調査・アンケート"),
                    ("trial", "実証・試行"),
                    ("case", "ほかの団体の事例"),
                    ("opinion", "意見・聞き取り"),
                    ("reference", "参考資料(主張なし)"),
                ],
                default="statistic",
                max_length=10,
                verbose_name="種類",
            ),
        )
    ]
