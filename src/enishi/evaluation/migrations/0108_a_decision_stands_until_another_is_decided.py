"""Let a decided one stand while the one that is to replace it is drafted: one decided and one draft for each subject."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("evaluation", "0107_say_that_a_proposal_will_be_taken_up")]

    operations = [
        migrations.RemoveConstraint("improvementdecision", "improvement_decision_one_stands"),
        migrations.AddConstraint(
            "improvementdecision",
            models.UniqueConstraint(
                condition=models.Q(state="decided"),
                fields=("subject",),
                name="improvement_decision_one_decided",
            ),
        ),
        migrations.AddConstraint(
            "improvementdecision",
            models.UniqueConstraint(
                condition=models.Q(state__in=("proposed", "confirmed")),
                fields=("subject",),
                name="improvement_decision_one_drafted",
            ),
        ),
    ]
