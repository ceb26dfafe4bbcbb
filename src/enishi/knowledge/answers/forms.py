"""Forms of answers."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from enishi.accounts.models import Person
from enishi.foundation.forms import LongTextField, TextField, WarekiDateField
from enishi.knowledge.answers.services import AnswerValues
from enishi.knowledge.models import ApprovedAnswer, Document
from enishi.knowledge.staff.access import owners_of
from enishi.knowledge.staff.forms import OwnedForm
from enishi.organizations.enums import Visibility
from enishi.organizations.models import Membership, Organization

_TEXTS = ("question", "other_questions", "answer", "category")
_DOCUMENT = re.compile(r"documents/(\d{1,12})(?:/|\b)|^(\d{1,12})$")
_DAYS = ("valid_from", "valid_to", "review_on")


class AnswerForm(OwnedForm):
    """A question and its answer."""

    question = TextField(label=_("質問"), max_length=300, help_text=_("住民が使う言葉で書きます。"))
    other_questions = LongTextField(
        label=_("別の聞き方"),
        max_length=2_000,
        required=False,
        help_text=_("1行に一つ。探すときに使います。"),
    )
    answer = LongTextField(
        label=_("回答"),
        max_length=4_000,
        help_text=_("一文を短く。手順は1行に一つずつ「1. 」から書くと、番号の付いた一覧になります。"),
    )
    category = TextField(label=_("分類"), max_length=60, required=False)
    owner = forms.ModelChoiceField(
        label=_("担当者"),
        queryset=Person.objects.none(),
        required=False,
        empty_label=_("書いた人"),
        help_text=_("見直しの日に知らせる相手です。"),
    )
    source_documents = LongTextField(
        label=_("もとの資料"),
        max_length=2_000,
        required=False,
        help_text=_(
            "資料のページの住所を1行に一つ。差し替えられると、この回答は住民に示されなくなり、見直しを求めます。"
        ),
    )
    valid_from = WarekiDateField(label=_("有効期間(始まり)"), required=False)
    valid_to = WarekiDateField(label=_("有効期間(終わり)"), required=False)
    review_on = WarekiDateField(
        label=_("見直し日"), help_text=_("この日に、いまも正しいかを担当者に確かめます。")
    )

    field_order = (
        "organization", "question", "other_questions", "answer", "category", "section", "visibility", "owner",
        "source_documents", "valid_from", "valid_to", "review_on",
    )  # fmt: skip

    def __init__(
        self, *args: Any, person: Person, record: ApprovedAnswer | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, person=person, record=record, **kwargs)
        self.person = person
        if record is None:
            self.fields["visibility"].initial = Visibility.PUBLIC
        houses = [record.organization] if record is not None else list(owners_of(person))
        places = Membership.objects.filter(organization__in=houses, valid_to__isnull=True)
        owner: Any = self.fields["owner"]
        owner.queryset = Person.objects.filter(pk__in=places.values("person_id"), is_active=True).order_by(
            "name"
        )
        if record is not None:
            for name in (*_TEXTS, *_DAYS):
                self.fields[name].initial = getattr(record, name)
            owner.initial = record.owner_id
            self.fields["source_documents"].initial = "\n".join(
                f"{document.get_absolute_url()} {document.title}"
                for document in record.source_documents.order_by("pk")
            )

    def clean_source_documents(self) -> list[int]:
        """The numbers of the documents named, each of which the person must be able to read."""
        lines = [line.strip() for line in self.cleaned_data["source_documents"].splitlines() if line.strip()]
        named = [_DOCUMENT.search(line) for line in lines]
        keys = [int(each[1] or each[2]) if each else 0 for each in named]
        kept = Document.objects.visible_to(self.person).filter(pk__in=keys, deleted_at__isnull=True)
        readable = set(kept.values_list("pk", flat=True)) if keys else set()
        for line, key in zip(lines, keys, strict=True):
            if key not in readable:
                raise ValidationError(
                    _(
                        "「%(line)s」という資料が見つかりません。資料のページを開き、その住所を写してください。"
                    ),
                    params={"line": line[:80]},
                )
        return keys

    def values(self) -> AnswerValues:
        data = self.cleaned_data
        return AnswerValues(
            **{name: data[name] for name in (*_TEXTS, *_DAYS)},
            section_id=data["section"].pk if data["section"] else None,
            visibility=data["visibility"],
            owner_id=data["owner"].pk if data["owner"] else None,
            source_documents=data["source_documents"],
            sources=list(self.record.sources) if isinstance(self.record, ApprovedAnswer) else [],
        )


class TranslationForm(forms.Form):
    """A translation of a question and its answer."""

    question = TextField(label=_("質問(訳)"), max_length=600)
    answer = LongTextField(label=_("回答(訳)"), max_length=8_000)


class ImportForm(forms.Form):
    """A sheet of questions and answers."""

    organization = forms.ModelChoiceField(
        label=_("団体"), queryset=Organization.objects.none(), empty_label=None
    )
    visibility = forms.ChoiceField(
        label=_("公開範囲"),
        choices=[
            (each.value, each.label) for each in (Visibility.PUBLIC, Visibility.MEMBERS, Visibility.INTERNAL)
        ],
    )
    file = forms.FileField(label=_("ファイル(ExcelかCSV)"))

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        organization: Any = self.fields["organization"]
        organization.queryset = owners_of(person)


class LimitForm(forms.Form):
    """How much models may write in a month."""

    tokens_a_month = forms.IntegerField(
        label=_("1か月のトークンの上限"),
        min_value=0,
        max_value=10_000_000_000,
        help_text=_("0にすると外のモデルを使いません。"),
    )
    allows_generation = forms.BooleanField(label=_("文の生成を使う"), required=False)
