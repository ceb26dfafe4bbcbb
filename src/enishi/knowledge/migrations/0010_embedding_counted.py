from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0009_case_import_undone")]

    operations = [
        migrations.AlterField(
            "modeluse",
            "kind",
            models.CharField(
                choices=[
                    ("generator", "文の生成"),
                    ("translator", "翻訳"),
                    ("reranker", "並べ替え"),
                    ("embedder", "意味の読み取り"),
                ],
                max_length=10,
                verbose_name="使いみち",
            ),
        ),
    ]
