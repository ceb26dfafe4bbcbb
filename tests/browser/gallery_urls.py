"""The product's addresses and one page that shows every component, for eyes and for axe."""

import datetime as dt
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.template import engines
from django.urls import include, path

from enishi.foundation.charts import ChartTable, svg_response
from enishi.foundation.forms import LongTextField, MultipleChoiceField, TextField, WarekiDateField, YenField
from enishi.foundation.lists import CursorPage, Facet, FacetChoice, Sort
from enishi.foundation.thread import Reached, Stage, case_thread
from enishi.foundation.ui import CompareRow, Step

TODAY = dt.date(2026, 11, 22)
NOON = dt.datetime(2026, 11, 22, 12, 0, tzinfo=dt.UTC)


class GalleryForm(forms.Form):
    title = TextField(
        label="題名", max_length=120, help_text="40字くらいまで。何に困っているかが分かるように。"
    )
    state = LongTextField(label="現状", help_text="数字と、その出典を書くと伝わります。")
    due_on = WarekiDateField(label="締切", required=False)
    budget_yen = YenField(label="予算の上限", required=False, min_value=0)
    sufferers = MultipleChoiceField(
        label="困っている人",
        choices=[("residents", "住民"), ("community", "地域社会"), ("administration", "行政")],
    )
    visibility = forms.ChoiceField(label="公開範囲", choices=[("public", "公開"), ("internal", "庁内")])
    mode = forms.ChoiceField(label="形", choices=[("a", "ふつう"), ("b", "短い")], widget=forms.RadioSelect)
    file = forms.FileField(label="添付", required=False)
    agree = forms.BooleanField(label="個人情報が含まれていないことを確かめました")


def gallery(request: HttpRequest) -> HttpResponse:
    source = (Path(__file__).parent / "templates" / "gallery.html").read_text(encoding="utf-8")
    from django_cotton.compiler_regex import CottonCompiler

    template = engines["django"].from_string(CottonCompiler().process(source))
    return HttpResponse(template.render(_facts(), request))


def _facts() -> dict[str, Any]:
    reached = {
        Stage.CHALLENGE: Reached(dt.date(2026, 6, 1), "/", "雪下ろしの担い手がいない"),
        Stage.MATCH: Reached(dt.date(2026, 8, 20), "/"),
        Stage.PROPOSAL: Reached(dt.date(2026, 10, 5)),
    }
    change = SimpleNamespace(label="締切", before="令和8年11月1日", after="令和8年12月1日")
    event = SimpleNamespace(at=NOON, actor_name="佐藤 花", sentence="締切を延ばしました", changes=[change])
    fault = SimpleNamespace(
        row=12, column="締切", value="令和8年13月", reason="日付として読めません。例: 令和8年12月1日"
    )
    return {
        "knots": case_thread(here=Stage.PROPOSAL, reached=reached, today=TODAY),
        "noon": NOON,
        "today": TODAY,
        "form": GalleryForm({"title": "", "due_on": "令和8年13月", "budget_yen": "1,200千円"}),
        "steps": [Step("困りごと", "/", "done"), Step("数字", state="here"), Step("公開", state="ahead")],
        "events": [
            event,
            SimpleNamespace(at=NOON, actor_name="山田 太郎", sentence="公開しました", changes=[]),
        ],
        "rows": [
            CompareRow("地域", "あおば市", "全国", "same"),
            CompareRow("期間", "令和9年1月から", "令和8年度中", "differs", "3か月重なりません"),
            CompareRow("費用", "120万円まで", None, "unknown"),
        ],
        "facets": [
            Facet("field", "分野", [FacetChoice("1", "除雪", 12, True), FacetChoice("2", "空き家", 1234)]),
            Facet("kind", "種類", [FacetChoice("a", "人材", 3), FacetChoice("b", "技術", 0)]),
        ],
        "sorts": [Sort("new", "新しい順"), Sort("due", "締切の近い順")],
        "page": CursorPage([1, 2, 3], next_cursor="x", previous_cursor="y"),
        "table": ChartTable(["年度", "申請", "30日以内"], [["令和6年度", 120, 60], ["令和7年度", 140, 84]]),
        "job": SimpleNamespace(
            pk="1",
            title="資源の取り込み",
            status="running",
            done=420,
            total=1000,
            message="420行目まで読みました",
            started_at=None,
            is_over=False,
            result_url="",
        ),
        "preview": SimpleNamespace(
            added=12,
            changed=3,
            unchanged=400,
            faults=[fault],
            differences=[
                SimpleNamespace(row=3, key="R-003", column="費用", before="無料", after="実費"),
            ],
        ),
    }


def chart(request: HttpRequest) -> HttpResponse:
    return svg_response(
        {
            "width": 480,
            "height": 220,
            "data": {"values": [{"年度": "令和6年度", "割合": 50}, {"年度": "令和7年度", "割合": 60}]},
            "mark": "bar",
            "encoding": {
                "x": {"field": "年度", "type": "nominal"},
                "y": {"field": "割合", "type": "quantitative"},
            },
        }
    )


urlpatterns = [
    path("gallery", gallery, name="gallery"),
    path("gallery/chart.svg", chart, name="gallery_chart"),
    path("", include("enishi.config.urls")),
]
handler403 = "enishi.foundation.errors.permission_denied"
