import datetime as dt

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.test.utils import isolate_apps

from enishi.foundation.forms import CodeField, LongTextField, TextField, WarekiDateField, YenField, formfield


class PlanForm(forms.Form):
    title = TextField(label="題名", help_text="40字くらいまで。")
    due_on = WarekiDateField(label="締切")
    limit_yen = YenField(label="上限", required=False, min_value=0)


def test_a_bad_day_is_answered_with_what_was_written_and_how_to_write_it() -> None:
    form = PlanForm({"title": "除雪", "due_on": "令和8年13月"})

    assert form.errors["due_on"] == ["「令和8年13月」は日付として読めません。例: 令和8年12月1日"]


def test_days_and_yen_are_read_as_people_write_them() -> None:
    form = PlanForm({"title": "除雪", "due_on": "Ｒ８．１２．１", "limit_yen": "１，２００千円"})

    assert form.is_valid(), form.errors
    assert form.cleaned_data["due_on"] == dt.date(2026, 12, 1)
    assert form.cleaned_data["limit_yen"] == 1_200_000


def test_zero_yen_is_a_value_and_blank_is_none() -> None:
    field = YenField(required=False)

    assert field.clean("0") == 0
    assert field.clean("  ") is None


def test_too_little_yen_says_the_limit() -> None:
    with pytest.raises(ValidationError, match="0円以上"):
        YenField(min_value=0).clean("△1")


def test_what_is_stored_is_shown_as_people_write_it() -> None:
    form = PlanForm(initial={"due_on": dt.date(2026, 12, 1), "limit_yen": 1_200_000})

    assert 'value="令和8年12月1日"' in str(form["due_on"])
    assert 'value="1,200,000"' in str(form["limit_yen"])


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("NUL\x00 と制御\x07文字", "NUL と制御文字"),
        ("改行\r\nのある題名", "改行 のある題名"),
        ("𠮷野家の葛󠄀", "𠮷野家の葛󠄀"),
        ("家族👨‍👩‍👧", "家族👨‍👩‍👧"),
        ("ﾊﾝｶｸ", "ﾊﾝｶｸ"),
        ("\u202egnihsihp", "gnihsihp"),
        ("<script>alert(1)</script>", "<script>alert(1)</script>"),
    ],
)
def test_text_is_kept_as_typed_without_what_cannot_be_seen(typed: str, kept: str) -> None:
    assert TextField().clean(typed) == kept


def test_long_text_keeps_its_lines() -> None:
    assert LongTextField().clean("一行目\r\n二行目\x00\r三行目") == "一行目\n二行目\n三行目"


def test_a_code_is_the_same_in_either_width() -> None:
    assert CodeField().clean("　０１２-ＡＢ ") == "012-AB"


def test_a_field_names_its_help_and_its_errors_to_a_screen_reader() -> None:
    html = str(PlanForm({"title": "", "due_on": ""}))

    assert 'aria-describedby="id_title_helptext id_title_error"' in html
    assert 'id="id_title_helptext"' in html
    assert 'id="id_title_error"' in html
    assert 'aria-invalid="true"' in html
    assert '<a href="#id_title">題名</a>: 入力してください。' in html
    assert "必須" in html


@isolate_apps("enishi.foundation")
def test_model_forms_get_our_fields() -> None:
    class Plan(models.Model):
        title = models.CharField("題名", max_length=10)
        body = models.TextField("本文", blank=True)
        kind = models.CharField("種類", max_length=1, choices=[("a", "ア")])
        due_on = models.DateField("締切", null=True, blank=True)
        limit_yen = models.PositiveBigIntegerField("上限", null=True, blank=True)

        class Meta:
            app_label = "foundation"

    class PlanModelForm(forms.ModelForm[Plan]):
        class Meta:
            model = Plan
            fields = ("title", "body", "kind", "due_on", "limit_yen")
            formfield_callback = formfield

    kinds = {name: type(field) for name, field in PlanModelForm().fields.items()}

    assert kinds == {
        "title": TextField,
        "body": LongTextField,
        "kind": forms.TypedChoiceField,
        "due_on": WarekiDateField,
        "limit_yen": YenField,
    }
    form = PlanModelForm({"title": "長い題名はここで切れます", "kind": "a", "limit_yen": "△1"})
    assert set(form.errors) == {"title", "limit_yen"}
