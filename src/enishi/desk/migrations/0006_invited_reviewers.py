import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """A seat is kept for a reviewer who has no account yet."""

    dependencies = [
        ("desk", "0005_versions_of_minutes"),
        ("organizations", "0004_ways_to_reach_sections"),
    ]

    operations = [
        migrations.CreateModel(
            name="InvitedReviewer",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "affiliation",
                    models.CharField(blank=True, max_length=150, verbose_name="所属・肩書"),
                ),
                ("is_chair", models.BooleanField(default=False, verbose_name="委員長")),
                (
                    "invitation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="organizations.invitation",
                    ),
                ),
                (
                    "review",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="invited",
                        to="desk.review",
                    ),
                ),
            ],
            options={
                "ordering": ["pk"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("review", "invitation"), name="invited_reviewer_once"
                    )
                ],
            },
        ),
    ]
