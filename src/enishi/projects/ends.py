"""What the room's second half tells the others when the application starts: lessons, handovers, sheets, reports, awards."""


def register() -> None:
    """Called once, in ``apps.ready``."""
    from enishi.projects import desk_record, packet
    from enishi.projects.handovers import panels as handovers
    from enishi.projects.lessons import panels as lessons
    from enishi.projects.lessons import search
    from enishi.projects.reports import panels as reports
    from enishi.projects.reports import search as publications

    lessons.register()
    handovers.register()
    packet.register()
    desk_record.register_metrics()
    _show_the_way()
    _send_links()
    search.register_source()
    reports.register()
    publications.register_source()
    _tell_history()


def _send_links() -> None:
    """Voting links go out by rounds, so that a mail server that is down only makes them late."""
    import datetime as dt

    from enishi.foundation.schedule import Periodic, register
    from enishi.projects.awards.voting import send_waiting

    register(Periodic("award-links", dt.timedelta(seconds=15), send_waiting))


def _show_the_way() -> None:
    from django.utils.translation import gettext_lazy as _

    from enishi.foundation.ui import NavigationItem, navigation
    from enishi.projects.handovers.panels import works

    navigation.register(
        NavigationItem(_("教訓"), "projects:lesson_list", order=84, icon="bookmark", shown=works)
    )
    navigation.register(NavigationItem(_("アワード"), "projects:award_list", order=16, bar="public"))
    navigation.register(
        NavigationItem(_("アワード"), "projects:award_list", order=89, icon="bookmark", shown=works)
    )
    navigation.register(
        NavigationItem(_("年次シート"), "projects:sheet_list", order=88, icon="pencil", shown=works)
    )


def _tell_history() -> None:
    """How acts on these records read."""
    from django.utils.translation import gettext_lazy as _

    from enishi.audit import wording
    from enishi.projects import history
    from enishi.projects.awards.access import award_access
    from enishi.projects.handovers.access import handover_access
    from enishi.projects.lessons.access import lesson_access
    from enishi.projects.sheets.access import sheet_access

    history.SENTENCES.update(
        {
            "write_report": _("完了報告書を書きました。"),
            "finish_report": _("完了報告書を確定しました。"),
            "reopen_report": _("完了報告書の確定を取り消しました。"),
            "write_publication": _("紹介のページを書きました。"),
            "publish_page": _("紹介のページを公開しました。"),
            "withdraw_page": _("紹介のページの公開を取り下げました。"),
        }
    )
    wording.register(
        wording.Subject(
            "projects.awardcall",
            award_access.visible,
            {
                "announce": _("結果を発表しました。"),
                "cancel": _("取りやめました。"),
                "enter": _("事業が応募しました。"),
                "withdraw_entry": _("応募が取り下げられました。"),
                "set_jurors": _("審査員を決めました。"),
                "score": _("採点しました。"),
            },
        )
    )
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
