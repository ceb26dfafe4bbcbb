"""How acts on programmes, codes, files and years are told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from enishi.audit import wording
from enishi.budgets.access import code_access, programme_access
from enishi.budgets.models import BudgetImport, BudgetYear, MappingProfile, YearClosure
from enishi.foundation.access import Actor
from enishi.organizations.visibility import reach_of


def register() -> None:
    """Called once, in ``apps.ready``."""
    wording.register(
        wording.Subject(
            "budgets.programme",
            programme_access.visible,
            {
                "create": _("事務事業を登録しました。"),
                "end": _("終わりの年度を決めました。"),
                "merge": _("ほかの事業に統合しました。"),
                "set_year": _("年度のことを書きました。"),
            },
            frozenset({"is_demo", "deleted_at"}),
        )
    )
    wording.register(
        wording.Subject(
            "budgets.budgetcode",
            code_access.visible,
            {
                "create": _("科目を加えました。"),
                "edit": _("名称を直しました。"),
                "enter": _("金額を記録しました。"),
                "move_money": _("科目のあいだで金額を動かしました。"),
                "allocate": _("事業への配賦を決めました。"),
            },
        )
    )
    wording.register(
        wording.Subject(
            "budgets.budgetimport",
            _of(BudgetImport),
            {
                "import": _("ファイルの金額を取り込みました。"),
                "take_back": _("ファイルの金額を取り消しました。"),
            },
        )
    )
    wording.register(
        wording.Subject(
            "budgets.mappingprofile", _of(MappingProfile), {"retire": _("使わないことにしました。")}
        )
    )
    wording.register(
        wording.Subject(
            "budgets.budgetyear", _of(BudgetYear), {"withdraw_publication": _("公開を取りやめました。")}
        )
    )
    wording.register(
        wording.Subject(
            "budgets.yearclosure",
            _of(YearClosure),
            {"close": _("年度を締めました。"), "reopen": _("年度を開け直しました。")},
        )
    )


def _of(model: type[models.Model]) -> wording.Visible:
    """Rows of the people's own houses."""

    def visible(actor: Actor) -> models.QuerySet[models.Model, models.Model]:
        return model._default_manager.filter(organization_id__in=reach_of(actor).organization_ids)

    return visible
