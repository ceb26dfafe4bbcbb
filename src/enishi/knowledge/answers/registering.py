"""Everything answers, the desk for residents and the trust page hand in while the application starts."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.foundation import schedule
from enishi.foundation.access import Actor
from enishi.foundation.panels import HomePanel, Todo, home
from enishi.foundation.ui import NavigationItem, navigation
from enishi.knowledge.staff import trash
from enishi.knowledge.staff.access import WHOLE_ORGANIZATION
from enishi.organizations.visibility import reach_of


def register() -> None:
    """Called once, in ``apps.ready``."""
    from enishi.knowledge.answers import handover, machines, readings, reviewing, search, services, todo
    from enishi.knowledge.answers.access import answer_access
    from enishi.knowledge.documents.index import embedders, pieces
    from enishi.knowledge.models import AnswerVector
    from enishi.knowledge.trust import services as trust

    embedders.on_use(machines.count_embedding)
    pieces.also_kept_for(lambda: AnswerVector.objects.values("content_hash"))
    search.register_source()
    handover.register()
    navigation.register(
        NavigationItem(_("資料にたずねる"), "answers:ask", order=60, shown=_is_member, icon="info")
    )
    navigation.register(NavigationItem(_("たずねる"), "concierge:index", order=40, bar="public"))
    trash.register(trash.Kind("answer", _("承認済み回答"), answer_access, _restore(services)))
    home.register(HomePanel("", order=45, context=_todos, group="today"))
    minute = dt.timedelta(minutes=1)
    day = dt.timedelta(days=1)
    for name, function, hour in (
        ("knowledge.trust", trust.nightly, dt.time(2, 0)),
        ("knowledge.unanswered", todo.cluster_questions, dt.time(2, 30)),
        ("knowledge.forget_questions", todo.forget_old_questions, dt.time(3, 0)),
        ("knowledge.review_answers", reviewing.remind, dt.time(7, 0)),
    ):
        schedule.register(schedule.Periodic(name, every=day, function=function, daily_at=hour))
    schedule.register(
        schedule.Periodic("knowledge.answer_readings", every=minute, function=readings.catch_up)
    )
    _register_wording(answer_access)


def _register_wording(answer_access: Any) -> None:
    from enishi.knowledge.answers.enums import AnswerStatus
    from enishi.knowledge.models import Concierge, HandOver, ModelLimit, QuestionSet

    wording.register(
        wording.Subject(
            "knowledge.approvedanswer",
            answer_access.visible,
            {
                "submit": _("承認を頼みました。"),
                "approve": _("承認しました。"),
                "send_back": _("差し戻しました。"),
                "translate": _("訳文を書きました。"),
                "approve_translation": _("訳文を承認しました。"),
            },
            frozenset({"import_key", "sources", "reminded_on", "is_demo"}),
            {"status": dict(AnswerStatus.choices)},
        )
    )

    def of_my_houses(model: Any) -> Any:
        return lambda actor: model.objects.filter(organization_id__in=reach_of(actor).organization_ids)

    for label, model in (
        ("knowledge.concierge", Concierge),
        ("knowledge.questionset", QuestionSet),
        ("knowledge.modellimit", ModelLimit),
        ("knowledge.handover", HandOver),
    ):
        wording.register(wording.Subject(label, of_my_houses(model), {"finish": _("対応しました。")}))


def _restore(services: Any) -> Any:
    return lambda *, pk, **given: services.restore_answer(answer_id=pk, **given)


def _is_member(actor: Actor) -> bool:
    return reach_of(actor).is_member


def _todos(actor: Actor, at: dt.datetime) -> Mapping[str, Any] | None:
    """Answers to look at again, and answers that wait for this person's approval."""
    from enishi.knowledge.answers import translating
    from enishi.knowledge.answers.enums import AnswerStatus
    from enishi.knowledge.models import ApprovedAnswer

    reach = reach_of(actor)
    if not reach.is_member:
        return None
    today = timezone.localdate(at)
    due = ApprovedAnswer.objects.to_review(today).filter(owner_id=actor.pk).order_by("review_on", "pk")[:5]
    items = [
        Todo(answer.question, answer.get_absolute_url(), answer.review_on, _("回答の見直し日です"))
        for answer in due
    ]
    mine = ApprovedAnswer.objects.filter(
        owner_id=actor.pk, status=AnswerStatus.APPROVED, deleted_at__isnull=True
    )
    items += [
        _of_translation(row, _("日本語が変わり、訳文が古くなりました")) for row in translating.stale(mine)[:5]
    ]
    roles = {role.value for role in WHOLE_ORGANIZATION}
    approving = [pk for pk, role in reach.roles if role in roles]
    if approving:
        waiting = ApprovedAnswer.objects.filter(
            organization_id__in=approving, status=AnswerStatus.WAITING, deleted_at__isnull=True
        ).exclude(author_id=actor.pk)
        items += [
            Todo(answer.question, answer.get_absolute_url(), None, _("承認を待っている回答です"))
            for answer in waiting.order_by("updated_at", "pk")[:5]
        ]
        told = ApprovedAnswer.objects.filter(
            organization_id__in=approving, status=AnswerStatus.APPROVED, deleted_at__isnull=True
        )
        unread = [row for row in translating.awaiting(told) if row.author_id != actor.pk]
        items += [_of_translation(row, _("承認を待っている訳文です")) for row in unread[:5]]
    return {"items": items} if items else None


def _of_translation(row: Any, why: Any) -> Todo:
    title = f"{row.answer.question} ({row.get_language_display()})"
    return Todo(title, f"{row.answer.get_absolute_url()}#translations", None, why)
