from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0008_passage_pieces")]

    operations = [
        migrations.AddField("caseimport", "written", models.JSONField(default=list)),
        migrations.AddField(
            "caseimport",
            "left",
            models.PositiveIntegerField(default=0, verbose_name="取り消せなかった件数"),
        ),
        migrations.AlterField(
            "caseimport",
            "state",
            models.CharField(
                choices=[
                    ("looking", "中身を調べています"),
                    ("faulty", "直すところがあります"),
                    ("ready", "取り込めます"),
                    ("done", "取り込みました"),
                    ("undone", "取り消しました"),
                ],
                default="looking",
                max_length=8,
                verbose_name="状態",
            ),
        ),
    ]
