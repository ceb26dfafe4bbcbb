import datetime as dt

from django.apps import AppConfig


class KnowledgeConfig(AppConfig):
    name = "enishi.knowledge"

    def ready(self) -> None:
        from enishi.foundation import schedule
        from enishi.knowledge import services
        from enishi.knowledge.answers import registering as answers
        from enishi.knowledge.documents import ways as documents
        from enishi.knowledge.staff import registering

        minute = dt.timedelta(minutes=1)
        schedule.register(schedule.Periodic("knowledge.mend", every=minute, function=services.mend))
        schedule.register(schedule.Periodic("knowledge.catch_up", every=minute, function=services.catch_up))
        hour = dt.timedelta(hours=1)
        schedule.register(schedule.Periodic("knowledge.facets", every=hour, function=_count_facets))
        schedule.register(
            schedule.Periodic("knowledge.words", every=hour, function=_count_words, daily_at=dt.time(3, 40))
        )
        documents.register()
        registering.register()
        answers.register()


def _count_facets(at: dt.datetime) -> None:
    from enishi.knowledge import services

    services.refresh_facets()


def _count_words(at: dt.datetime) -> None:
    from enishi.knowledge import services

    services.refresh_vocabulary()
