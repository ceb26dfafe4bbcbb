"""Forms of scorings."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from enishi.accounts.models import Person
from enishi.foundation.access import Actor
from enishi.foundation.forms import (
    LongTextField,
    ModelMultipleChoiceField,
    MultipleChoiceField,
    TextField,
    WarekiDateField,
    formfield,
)
from enishi.foundation.numbers import whole
from enishi.organizations.models import Membership, Organization
from enishi.plans.access import plan_access
from enishi.plans.forms import VersionedForm
from enishi.plans.models import ScoringRound
from enishi.plans.paths import DEEPEST, STEP
from enishi.plans.priorities.enums import HIGHEST, LOWEST

_BAR = re.compile(r"\s*[||]\s*")


class RoundForm(VersionedForm):
    due_on = WarekiDateField(label=gettext_lazy("採点の締切"), required=False)

    class Meta:
        model = ScoringRound
        fields = ("title", "purpose", "plan", "due_on", "section", "visibility")
        formfield_callback = formfield

    def __init__(self, *args: Any, organization: Organization, actor: Actor, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        plans: Any = self.fields["plan"]
        plans.queryset = plan_access.visible(actor).filter(organization=organization)
        sections: Any = self.fields["section"]
        sections.queryset = organization.sections.open_on(timezone.localdate())

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("visibility") == "section" and not cleaned.get("section"):
            raise ValidationError({"section": _("課内だけで読むときは、担当課を選んでください。")})
        return cleaned


class CriteriaForm(forms.Form):
    """One criterion a line: name | weight | how to look."""

    lines = LongTextField(
        label=gettext_lazy("観点"),
        max_length=6_000,
        help_text=gettext_lazy(
            "1行に一つ、「名称 | 重み | どう見るか」の順に縦線で区切って書きます。重みは割合だけが意味を持ちます。"
        ),
    )

    def rows(self) -> list[tuple[str, str, int]]:
        found: list[tuple[str, str, int]] = self.cleaned_data["rows"]
        return found

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        rows, faults = [], []
        for number, line in enumerate((cleaned.get("lines") or "").splitlines(), start=1):
            if not line.strip():
                continue
            parts = [*_BAR.split(line.strip(), maxsplit=2), "", ""][:3]
            weight = unicodedata.normalize("NFKC", parts[1]).strip()
            if whole(weight, last=1_000) is None:
                faults.append(
                    _(
                        "%(line)d行目の重み「%(weight)s」は0から1000までの整数で書いてください。例: 即効性 | 20 | 早く効くか"
                    )
                    % {"line": number, "weight": parts[1][:20]}
                )
            else:
                rows.append((parts[0][:60], parts[2], int(weight)))
        if faults:
            raise ValidationError({"lines": faults})
        return cleaned | {"rows": rows}


@dataclass(frozen=True)
class Branch:
    """A branch of the plan that can be scored."""

    uid: str
    name: str
    path: str
    level: str
    section: str

    @property
    def label(self) -> str:
        return "\u3000" * (len(self.path) // STEP - 1) + f"{self.level} {self.name}"


class MeasuresForm(forms.Form):
    """Branches of the plan, ticked one by one or by a range, and measures that are not in a plan yet."""

    level = forms.ChoiceField(label=gettext_lazy("階層"), required=False)
    under = forms.ChoiceField(label=gettext_lazy("どの枝の下か"), required=False)
    section = forms.ChoiceField(label=gettext_lazy("主担当課"), required=False)
    nodes = MultipleChoiceField(label=gettext_lazy("計画の枝から選ぶ"), required=False)
    others = LongTextField(
        label=gettext_lazy("計画にまだない施策"),
        max_length=8_000,
        required=False,
        help_text=gettext_lazy("1行に一つ、「名称 | 説明」の順に書きます。説明はなくても構いません。"),
    )

    def __init__(self, *args: Any, branches: Sequence[Branch], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.branches = {each.uid: each for each in branches}
        every = [("", _("すべて"))]
        choices = {
            "nodes": [(each.uid, each.label) for each in branches],
            "level": every + [(each, each) for each in dict.fromkeys(each.level for each in branches)],
            "under": every
            + [(each.path, each.label) for each in branches if len(each.path) < DEEPEST * STEP],
            "section": every + [(each, each) for each in sorted({each.section for each in branches} - {""})],
        }
        for name, wanted in choices.items():
            field: Any = self.fields[name]
            field.choices = wanted
        if not branches:
            for name in choices:
                del self.fields[name]

    def clean(self) -> dict[str, Any]:
        """A range adds its branches to those ticked, or takes them out; an unsaved tick is never lost."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        wanted = [cleaned.get(name, "") for name in ("level", "under", "section")]
        if not self.by_range or self.errors:
            return cleaned
        if not any(wanted):
            raise ValidationError(_("まとめて選ぶ範囲を、階層・枝・担当課のどれかで選んでください。"))
        inside = {uid for uid, each in self.branches.items() if _is_in(each, *wanted)}
        ticked = set(cleaned["nodes"])
        chosen = ticked - inside if "take_out" in self.data else ticked | inside
        return cleaned | {"nodes": [uid for uid in self.branches if uid in chosen]}

    @property
    def by_range(self) -> bool:
        return "add" in self.data or "take_out" in self.data

    def rows(self) -> list[tuple[str, str, str | None]]:
        chosen: list[tuple[str, str, str | None]] = [
            (self.branches[uid].name, "", uid) for uid in self.cleaned_data.get("nodes", [])
        ]
        for line in (self.cleaned_data.get("others") or "").splitlines():
            parts = [*_BAR.split(line.strip(), maxsplit=1), ""][:2]
            chosen.append((parts[0], parts[1], None))
        return chosen


def _is_in(branch: Branch, level: str, under: str, section: str) -> bool:
    is_below = branch.path.startswith(under) and branch.path != under
    return (not level or branch.level == level) and is_below and (not section or branch.section == section)


class ScorersForm(forms.Form):
    people = ModelMultipleChoiceField(label=gettext_lazy("採点する人"), queryset=Person.objects.none())

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = Membership.objects.current(timezone.localdate()).filter(organization=organization)
        staff = staff.exclude(role="resident")
        people: Any = self.fields["people"]
        people.queryset = Person.objects.filter(pk__in=staff.values("person_id"), is_active=True).order_by(
            "pk"
        )
        # Two of the same name work in a town hall: the section tells them apart.
        places = dict(staff.filter(section__isnull=False).values_list("person_id", "section__name"))
        people.label_from_instance = lambda person: " ".join(
            filter(None, (str(person), places.get(person.pk)))
        )


class ScoresForm(forms.Form):
    """One choice for each measure and criterion; a reason for each measure."""

    def __init__(
        self, *args: Any, row: ScoringRound, given: dict[tuple[int, int], tuple[int, str]], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.measures, self.criteria = list(row.measures.all()), list(row.criteria.all())
        points = [("", "—"), *((str(each), str(each)) for each in range(HIGHEST, LOWEST - 1, -1))]
        for measure in self.measures:
            for criterion in self.criteria:
                value = given.get((measure.pk, criterion.pk))
                self.fields[f"p_{measure.pk}_{criterion.pk}"] = forms.ChoiceField(
                    label=f"{measure.title}: {criterion.label}",
                    choices=points,
                    required=False,
                    initial=str(value[0]) if value else "",
                )
            first = given.get((measure.pk, self.criteria[0].pk)) if self.criteria else None
            self.fields[f"r_{measure.pk}"] = TextField(
                label=_("%(measure)s: 理由") % {"measure": measure.title},
                max_length=300,
                required=False,
                initial=first[1] if first else "",
            )

    def grid(self) -> list[dict[str, Any]]:
        return [
            {
                "measure": measure,
                "cells": [self[f"p_{measure.pk}_{criterion.pk}"] for criterion in self.criteria],
                "reason": self[f"r_{measure.pk}"],
            }
            for measure in self.measures
        ]

    def points(self) -> dict[tuple[int, int], int | None]:
        return {
            (measure.pk, criterion.pk): int(text)
            if (text := self.cleaned_data[f"p_{measure.pk}_{criterion.pk}"])
            else None
            for measure in self.measures
            for criterion in self.criteria
        }

    def reasons(self) -> dict[tuple[int, int], str]:
        """A measure's reason stands at its first criterion."""
        if not self.criteria:
            return {}
        return {(each.pk, self.criteria[0].pk): self.cleaned_data[f"r_{each.pk}"] for each in self.measures}


class CloseForm(forms.Form):
    conclusion = LongTextField(
        label=gettext_lazy("結論"),
        max_length=2_000,
        required=False,
        help_text=gettext_lazy(
            "順位どおりにしないときは、その理由を書きます。後から読む人のための記録です。"
        ),
    )
