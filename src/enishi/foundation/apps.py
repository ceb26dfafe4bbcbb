import datetime as dt

from django.apps import AppConfig


class FoundationConfig(AppConfig):
    name = "enishi.foundation"

    def ready(self) -> None:
        from enishi.foundation import drafts, schedule

        schedule.register(
            schedule.Periodic("old-drafts", dt.timedelta(days=1), drafts.forget_old, dt.time(3, 20))
        )
