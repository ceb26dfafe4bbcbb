from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("indicators", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="dataelement",
            name="retired_reason",
            field=models.CharField(blank=True, editable=False, max_length=300, verbose_name="使うのをやめた理由"),
        )
    ]
