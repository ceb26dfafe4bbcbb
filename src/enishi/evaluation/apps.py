from django.apps import AppConfig


class EvaluationConfig(AppConfig):
    name = "enishi.evaluation"

    def ready(self) -> None:
        from enishi.evaluation import thread
        from enishi.evaluation.reflection import history, metrics, panels

        thread.register()
        panels.register()
        metrics.register()
        history.register()
