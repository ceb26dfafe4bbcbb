"""What the room's second half tells the others when the application starts: lessons, handovers, sheets, reports, awards."""


def register() -> None:
    """Called once, in ``apps.ready``."""
    from enishi.projects.lessons import panels as lessons
    from enishi.projects.lessons import search

    lessons.register()
    search.register_source()
    _tell_history()


def _tell_history() -> None:
    """How acts on these records read."""
    from django.utils.translation import gettext_lazy as _

    from enishi.audit import wording
    from enishi.projects.lessons.access import lesson_access

    wording.register(
        wording.Subject(
            "projects.lesson",
            lesson_access.visible,
            {
                "prepare_nameless": _("名前を外して整え、確認を頼みました。"),
                "publish_nameless": _("名前のない形で公開しました。"),
                "return_nameless": _("名前のない形を差し戻しました。"),
                "withdraw_nameless": _("名前のない形の公開を取り下げました。"),
            },
            frozenset({"recorded_at", "is_demo"}),
        )
    )
