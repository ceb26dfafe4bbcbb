from django.db import migrations, models


class Migration(migrations.Migration):
    """A keeper may show the draft to those who are to sign, before anything is decided."""

    dependencies = [("agreements", "0002_versions_and_what_happens_to_them")]

    operations = [
        migrations.AddField(
            model_name="agreement",
            name="draft_shared_at",
            field=models.DateTimeField(
                blank=True, editable=False, null=True, verbose_name="案を当事者に見せた日時"
            ),
        ),
    ]
