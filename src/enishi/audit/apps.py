from django.apps import AppConfig


class AuditConfig(AppConfig):
    name = "enishi.audit"

    def ready(self) -> None:
        from enishi.audit import receivers  # noqa: F401
