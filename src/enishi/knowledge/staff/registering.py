"""Everything the tools for staff hand in while the application starts."""

import datetime as dt
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.foundation import erasing, schedule
from enishi.foundation.ui import NavigationItem, navigation
from enishi.knowledge.staff import trash
from enishi.knowledge.staff.access import is_staff
from enishi.language.ports import Embedder


def register() -> None:
    """Called once, in ``apps.ready``."""
    from enishi.knowledge.sparring.models import SparringSession
    from enishi.knowledge.staff import handover, panels
    from enishi.knowledge.trust.models import QuestionSet

    erasing.register(SparringSession, "deleted_at")
    erasing.register(QuestionSet, "deleted_at")
    handover.register()
    panels.register()
    _cases()
    _checks()
    _drafting()
    navigation.register(
        NavigationItem(_("壁打ち"), "sparring:session_list", order=63, shown=is_staff, icon="people")
    )


def _cases() -> None:
    from enishi.knowledge.cases import learning, meaning, readings, search, services, transfer  # noqa: F401  registers its jobs
    from enishi.knowledge.cases.access import case_access, path_access
    from enishi.knowledge.cases.enums import CaseOutcome, Verification
    from enishi.knowledge.cases.models import CaseFile

    erasing.register(CaseFile, "removed_at")
    search.register_source()
    meaning.provide(_embedder)
    navigation.register(
        NavigationItem(_("事例集"), "cases:case_list", order=62, shown=is_staff, icon="bookmark")
    )
    wording.register(
        wording.Subject(
            "knowledge.case",
            case_access.visible,
            {"verify": _("確認の状態を変えました。")},
            frozenset({"import_key", "contributed_key", "contributed_kind", "contributed_url"}),
            {"outcome": dict(CaseOutcome.choices), "verification": dict(Verification.choices)},
        )
    )
    trash.register(trash.Kind("case", _("事例"), case_access, _by_key(services.restore_case, "case_id")))
    trash.register(
        trash.Kind("path", _("学びの道筋"), path_access, _by_key(learning.restore_path, "path_id"))
    )
    minute = dt.timedelta(minutes=1)
    schedule.register(schedule.Periodic("knowledge.case_readings", every=minute, function=readings.catch_up))


def _checks() -> None:
    from enishi.knowledge.checks import batches, services  # noqa: F401  registers its job
    from enishi.knowledge.checks.access import batch_access, checklist_access, run_access
    from enishi.knowledge.checks.enums import Decision

    navigation.register(
        NavigationItem(_("申請の点検"), "checks:checklist_list", order=65, shown=is_staff, icon="check")
    )
    wording.register(
        wording.Subject(
            "knowledge.checklist", checklist_access.visible, {"write_rules": _("決まりを書き直しました。")}
        )
    )
    wording.register(
        wording.Subject(
            "knowledge.checkrun",
            run_access.visible,
            {"create": _("点検しました。"), "decide_check": _("判断を記録しました。")},
            frozenset({"values", "findings", "decided_at"}),
            {"decision": dict(Decision.choices)},
        )
    )
    kinds = (
        trash.Kind(
            "checklist", _("点検表"), checklist_access, _by_key(services.restore_checklist, "checklist_id")
        ),
        trash.Kind("check", _("点検"), run_access, _by_key(services.restore_run, "run_id")),
        trash.Kind(
            "checkbatch", _("まとめて点検"), batch_access, _by_key(services.restore_batch, "batch_id")
        ),
    )
    for kind in kinds:
        trash.register(kind)


def _drafting() -> None:
    from enishi.knowledge.drafting import services, writing  # noqa: F401  registers its job
    from enishi.knowledge.drafting.access import draft_access, template_access
    from enishi.knowledge.drafting.enums import DraftStatus

    navigation.register(
        NavigationItem(_("起案支援"), "drafting:draft_list", order=64, shown=is_staff, icon="pencil")
    )
    wording.register(
        wording.Subject(
            "knowledge.draft",
            draft_access.visible,
            {
                "borrow": _("過去の資料から文を足しました。"),
                "write": _("文章生成で文を足しました。"),
                "finish_draft": _("仕上げました。"),
                "reopen_draft": _("起案中に戻しました。"),
            },
            frozenset({"material", "final_at"}),
            {"status": dict(DraftStatus.choices)},
        )
    )
    trash.register(
        trash.Kind(
            "template", _("ひな型"), template_access, _by_key(services.restore_template, "template_id")
        )
    )
    trash.register(trash.Kind("draft", _("起案"), draft_access, _by_key(services.restore_draft, "draft_id")))


def _embedder() -> Embedder | None:
    """The model this process reads with, shared with the answers."""
    from enishi.knowledge.answers import machines

    found = machines.vectors()
    return found.embedder if found is not None else None


def _by_key(service: Any, name: str) -> Any:
    return partial(_called, service, name)


def _called(service: Any, name: str, *, pk: int, **given: Any) -> Any:
    return service(**{name: pk}, **given)
