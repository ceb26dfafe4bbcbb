from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0012_question_sets_come_back")]

    operations = [
        migrations.AddField(
            "approvedanswer",
            "source_documents",
            models.ManyToManyField(
                blank=True, related_name="approved_answers", to="knowledge.document", verbose_name="もとの資料"
            ),
        ),
    ]
