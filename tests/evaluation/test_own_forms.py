"""A municipality's own form: marks are understood before it is kept, and answered in place."""

import io
import re

import docx
import openpyxl
import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from enishi.evaluation.errors import RefusedError
from enishi.evaluation.models import OwnForm
from enishi.evaluation.papers import own
from enishi.evaluation.papers import services as own_forms
from enishi.evaluation.papers.forms import FORMS
from enishi.evaluation.papers.xlsx import xlsx_of
from tests.evaluation.making import TYPED, town, walk
from tests.factories import NOON

pytestmark = pytest.mark.django_db


def own_workbook(*lines):
    book = openpyxl.Workbook()
    for line in lines:
        book.active.append(line)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def kept(of, *lines):
    return own_forms.keep(
        organization=of.house,
        form="evaluation",
        content=own_workbook(*lines),
        name="あおば様式第1号.xlsx",
        actor=of.reviewer,
        at=NOON,
    )


def test_the_towns_own_form_is_filled_where_its_marks_stand_and_kept_elsewhere(client):
    of = town()
    row = kept(
        of,
        ["様式第1号", "{{名称}}(所管 {{ 所管課 }})"],
        ["決算", "{{費用:決算額:2}}", "{{指標:9行目:2列目}}"],
        ["{{成果と課題}}", "{{記入した人}}", "{{承認した人}}"],
    )
    walk(of, "2-approval")
    client.force_login(of.officer)

    answer = client.get(
        reverse("evaluation:sheet_paper", args=[of.subject.pk, "evaluation"]) + "?format=xlsx"
    )
    filled_in = openpyxl.load_workbook(io.BytesIO(answer.content)).active

    assert row.marks == 7
    assert [cell.value for cell in filled_in[3]] == [TYPED["comment"], of.officer.name, "—"]
    assert [cell.value for cell in filled_in[1][:2]] == [
        "様式第1号",
        f"{of.subject.title}(所管 {of.subject.section.name})",
    ]
    assert filled_in["C2"].value == "—"
    assert "{{" not in str(filled_in["B2"].value)


def test_a_word_form_keeps_its_looks_and_is_filled_even_where_word_split_a_mark(client):
    of = town()
    document = docx.Document()
    line = document.add_paragraph("事業名 ")
    for piece in ("{{名", "称}}", "(所管 {{所管課}})"):
        line.add_run(piece).bold = True
    document.add_table(1, 1).cell(0, 0).text = "{{指標:9行目:2列目}}"
    document.sections[0].header.paragraphs[0].text = "{{様式}}"
    document.sections[0].even_page_header.paragraphs[0].text = "{{名称}}"
    target = io.BytesIO()
    document.save(target)
    values = {"organization": of.house, "form": "evaluation", "actor": of.reviewer, "at": NOON}
    row = own_forms.keep(content=target.getvalue(), name="様式第1号.docx", **values)
    client.force_login(of.officer)
    page = reverse("evaluation:sheet_paper", args=[of.subject.pk, "evaluation"])

    filled_in = docx.Document(io.BytesIO(client.get(page + "?format=docx").content))
    workbook = client.get(page + "?format=xlsx")
    line.add_run("{{所轄課}}")
    document.save(target := io.BytesIO())

    assert (row.kind, row.marks) == ("docx", 5)
    told = filled_in.paragraphs[0]
    assert told.text == f"事業名 {of.subject.title}(所管 {of.subject.section.name})" and told.runs[1].bold
    assert filled_in.tables[0].cell(0, 0).text == "—"
    assert filled_in.sections[0].header.paragraphs[0].text == "事務事業評価表"
    assert filled_in.sections[0].even_page_header.paragraphs[0].text == of.subject.title
    assert openpyxl.load_workbook(io.BytesIO(workbook.content)).active
    with pytest.raises(RefusedError, match=re.escape("の段落: 「{{所轄課}}」に当たる項目がありません")):
        own_forms.keep(content=target.getvalue(), name="様式第1号.docx", **values)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (
            ["{{所轄課}}"],
            "Sheet A1: 「{{所轄課}}」に当たる項目がありません。「{{所管課}}」ではありませんか。",
        ),
        (["印がない"], "印が一つもありません"),
    ],
)
def test_a_form_with_unknown_marks_or_none_is_refused_by_the_cell(line, told):
    with pytest.raises(RefusedError) as refused:
        kept(town(), line)

    assert told in refused.value.sentence
    assert not OwnForm.objects.exists()


def test_the_sample_of_every_form_can_be_registered_as_it_is():
    of = town()
    for form in FORMS:
        (paper, *_others) = own_forms.example_papers(of.house, form, of.reviewer)
        made = own_forms.keep(
            organization=of.house,
            form=form,
            content=xlsx_of([own.sample(paper)]),
            name="x.xlsx",
            actor=of.reviewer,
            at=NOON,
        )
        assert made.marks > 5
    with pytest.raises(PermissionDenied):
        own_forms.retire(organization=of.house, form="audit", actor=of.officer, at=NOON)
