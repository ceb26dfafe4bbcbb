from django.db import migrations, models
from django.db.models import Q


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0011_draft_filled_by_a_job")]

    operations = [
        migrations.AddField(
            "questionset",
            "deleted_at",
            models.DateTimeField(blank=True, editable=False, null=True, verbose_name="削除日時"),
        ),
        migrations.AlterModelManagers("questionset", managers=[("everything", models.Manager())]),
        migrations.RemoveConstraint("questionset", "question_set_name_once"),
        migrations.AddConstraint(
            "questionset",
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(deleted_at__isnull=True),
                name="question_set_name_once",
            ),
        ),
    ]
