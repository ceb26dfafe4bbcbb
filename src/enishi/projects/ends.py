"""What the room's second half tells the others when the application starts: lessons, handovers, sheets, reports, awards."""


def register() -> None:
    """Called once, in ``apps.ready``."""
    from enishi.projects import packet
    from enishi.projects.handovers import panels as handovers
    from enishi.projects.lessons import panels as lessons
    from enishi.projects.lessons import search

    lessons.register()
    handovers.register()
    packet.register()
    _show_the_way()
    search.register_source()
    _tell_history()


def _show_the_way() -> None:
    from django.utils.translation import gettext_lazy as _

    from enishi.foundation.ui import NavigationItem, navigation
    from enishi.projects.handovers.panels import works

    navigation.register(
        NavigationItem(_("教訓"), "projects:lesson_list", order=84, icon="bookmark", shown=works)
    )
    navigation.register(
        NavigationItem(_("年次シート"), "projects:sheet_list", order=88, icon="pencil", shown=works)
    )


def _tell_history() -> None:
    """How acts on these records read."""
    from django.utils.translation import gettext_lazy as _

    from enishi.audit import wording
    from enishi.projects.handovers.access import handover_access
    from enishi.projects.lessons.access import lesson_access
    from enishi.projects.sheets.access import sheet_access

    wording.register(
        wording.Subject(
            "projects.pdcasheet",
            sheet_access.visible,
            {
                "create": _("年次シートを始めました。"),
                "refill": _("記録の数字を写し直しました。"),
                "finish": _("年次シートを提出しました。"),
                "reopen": _("記入に戻しました。"),
            },
        )
    )
    wording.register(
        wording.Subject(
            "projects.handoverpacket",
            handover_access.visible,
            {"create": _("引継書を作りました。"), "confirm_items": _("引継書の項目を確認しました。")},
        )
    )
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
