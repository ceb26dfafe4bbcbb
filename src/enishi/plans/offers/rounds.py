"""What is done every morning: the rules of logic models are asked again, because what they rest on changes elsewhere."""

import datetime as dt

from enishi.foundation import schedule
from enishi.plans.logic import services
from enishi.plans.reading import tasks

MORNING = dt.time(5, 30)


def register() -> None:
    schedule.register(
        schedule.Periodic(
            "logic_models_recheck", dt.timedelta(days=1), services.recheck_all, daily_at=MORNING
        )
    )
    # The job's work is known from the start of every process, the worker's too.
    assert tasks.READING
