from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organizations", "0003_joining_and_reorganization")]

    operations = [
        migrations.AddField(
            model_name="section",
            name="email",
            field=models.EmailField(blank=True, max_length=254, verbose_name="メール"),
        ),
        migrations.AddField(
            model_name="section",
            name="opening_hours",
            field=models.CharField(blank=True, max_length=120, verbose_name="受付時間"),
        ),
    ]
