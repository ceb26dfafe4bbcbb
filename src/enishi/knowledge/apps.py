import datetime as dt

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "enishi.knowledge"

    def ready(self) -> None:
        from enishi.foundation import schedule
        from enishi.knowledge import services

        minutes = dt.timedelta(minutes=1)
        schedule.register(schedule.Periodic("knowledge.mend", every=5 * minutes, function=services.mend))
        schedule.register(schedule.Periodic("knowledge.catch_up", every=minutes, function=services.catch_up))
        schedule.register(
            schedule.Periodic(
                "knowledge.vocabulary",
                every=60 * minutes,
                function=lambda at: services.refresh_vocabulary(),
                daily_at=dt.time(3, 40),
            )
        )
