"""Promise instead of claim: a proposal answered before the subjects are chosen will be taken up."""



from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("evaluation", "0106_follow_ups_remember_that_they_were_told"),
    ]

    operations = [
        migrations.AlterField(
            model_name="reviewproposal",
            name="state",
            field=models.CharField(
                choices=[
                    ("received", "受け付けました"),
                    ("taken_up", "評価の対象にします"),
                    ("declined", "今回は対象にしませんでした"),
                ],
                default="received",
                max_length=10,
                verbose_name="状態",
            ),
        ),
    ]
