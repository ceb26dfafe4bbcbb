from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "enishi.evaluation"

    def ready(self) -> None:
        from enishi.evaluation import handover, rounds, search, thread
        from enishi.evaluation import history as told
        from enishi.evaluation import metrics as counts
        from enishi.evaluation import panels as shown
        from enishi.evaluation.reflection import history, metrics, panels

        shown.register()
        search.register_sources()
        told.register()
        handover.register()
        counts.register()
        rounds.register()
        thread.register()
        panels.register()
        metrics.register()
        history.register()
