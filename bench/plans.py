"""Plans, indicators, budgets and evaluation of a large city: pages, recomputing, importing, reading, papers.

python -m bench plans            # 3,000 programmes × 10 years, 5,000 indicators, 1,000,000 values, 2,000,000 entries
python -m bench plans --quick    # a tenth

Runs in processes of their own on a data folder that is thrown away afterwards.
"""

import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.served import as_served
from bench.table import Row

PAGE_TARGET = "p95 ≤ 300 ms"
ASKED = 30
GIB = 1024**3


def run(quick: bool = False) -> list[Row]:
    """Every row of this file's table."""
    with tempfile.TemporaryDirectory(prefix="enishi-bench-") as folder:
        rows: list[Row] = []
        for part in ("city", "values", "entries"):
            rows += _part(part, folder, quick)
    return rows


def _part(part: str, folder: str, quick: bool) -> list[Row]:
    """Each import in a process of its own, so that its memory is its own."""
    environment = {
        **os.environ,
        "ENISHI_DATA": folder,
        "ENISHI_LIMITS": "false",
        "DJANGO_SETTINGS_MODULE": "enishi.config.settings",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "true",
    }
    done = subprocess.run(
        [sys.executable, "-m", "bench.plans", part, "quick" if quick else "full"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        return [Row(f"計画と評価({part})", "測れませんでした", note=done.stderr.strip()[-300:])]
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


# --- The city: pages, recomputing, papers, reading -----------------------------------------------------------------


def city(quick: bool) -> list[dict[str, str]]:
    from django.core.management import call_command

    from bench.plans_city import Size, build, roll_up

    call_command("migrate", verbosity=0, skip_checks=True)
    call_command("collectstatic", interactive=False, verbosity=0, skip_checks=True)
    size = Size.quick() if quick else Size()
    begun = time.perf_counter()
    made = build(size)
    built = time.perf_counter() - begun
    rows = [
        _timed(
            "予算のすべての年度の合計と配賦", lambda: roll_up(made), note=f"10年度、{size.entries:,}件の記録"
        )
    ]
    rows += _standings(made, quick)
    rows += _pages(made)
    rows += _papers(made, quick)
    rows += [_reading()]
    rows.append(_row("測定用の都市を作る(SQL)", f"{built:.0f} 秒", note=_size_words(size)))
    return rows


def _size_words(size: Any) -> str:
    return f"事業{size.programmes:,}×10年、指標{size.indicators:,}、値{size.values:,}、予算の記録{size.entries:,}"


def _row(what: str, measured: str, target: str = "", baseline: str = "", note: str = "") -> dict[str, str]:
    return {"what": what, "measured": measured, "target": target, "baseline": baseline, "note": note}


def _timed(
    what: str, do: Callable[[], object], *, target: str = "", baseline: str = "", note: str = ""
) -> dict[str, str]:
    wall, cpu = time.perf_counter(), time.process_time()
    do()
    words = f"{time.perf_counter() - wall:.1f} 秒(CPU {time.process_time() - cpu:.1f} 秒)"
    return _row(what, words, target, baseline, note)


def _standings(made: Any, quick: bool) -> list[dict[str, str]]:
    """All progress and status anew; beside it, what reading each indicator's values by themselves would take."""
    from enishi.indicators import calculations, standings
    from enishi.indicators.models import Measurement

    some = [row.pk for row in made.indicators[:: max(len(made.indicators) // 50, 1)]]
    wall = time.perf_counter()
    for key in some:
        list(Measurement.objects.current().filter(indicator_id=key).order_by("period_end"))
        for yardstick in calculations.yardsticks([key]):
            for frame in yardstick.frames:
                list(calculations.judged(yardstick, frame, 2026))
    each = (time.perf_counter() - wall) / len(some)
    plain = f"一つずつ読む: {each * len(made.indicators):.0f} 秒"
    note = f"指標{len(made.indicators):,}、値{made.size.values:,}。基準は{len(some)}指標から"
    return [
        _timed(
            "進捗と状況をすべて計算し直す",
            lambda: standings.rebuild_all(at=made.at),
            target="≤ 10 秒",
            baseline=plain,
            note=note,
        )
    ]


def _pages(made: Any) -> list[dict[str, str]]:
    from django.conf import settings
    from django.test import Client
    from django.urls import reverse

    from enishi.budgets.models import BudgetCode
    from enishi.evaluation.models import ImprovementDecision, Subject

    settings.ALLOWED_HOSTS = ["*"]
    client = Client()
    client.force_login(made.person)
    sheet = Subject.objects.filter(cycle=made.cycle).order_by("code")[7]
    decision = ImprovementDecision.objects.order_by("pk").first()
    code = BudgetCode.objects.filter(fiscal_year=2026, level=3).order_by("path").first()
    assert decision is not None
    assert code is not None
    asked = {
        "計画の木": reverse("plans:version_tree", args=[made.version.pk]),
        "計画全体の指標の状況": reverse("plans:version_dashboard", args=[made.version.pk]),
        "政策の画面": reverse("plans:node_detail", args=[made.nodes[0].pk]),
        "施策の画面": reverse("plans:node_detail", args=[made.nodes[10].pk]),
        "評価シート": reverse("evaluation:sheet_detail", args=[sheet.pk]),
        "評価シートの一覧": reverse("evaluation:sheet_list", args=[made.cycle.pk]),
        "指標の一覧": reverse("indicators:indicator_list"),
        "指標の画面": reverse("indicators:indicator_detail", args=[made.indicators[0].pk]),
        "予算科目の木": reverse("budgets:budget_tree"),
        "予算科目(目)": reverse("budgets:code_detail", args=[code.pk]),
        "事務事業の画面": reverse("budgets:programme_detail", args=[made.programmes[0].pk]),
        "予算への反映の一覧": reverse("evaluation:reflection_list") + "?year=2026",
        "決定ひとつの反映": reverse("evaluation:reflection_detail", args=[decision.pk]),
    }
    asked["評価シート(施策)"] = reverse("evaluation:sheet_detail", args=[_measure_sheet(made).pk])
    asked["評価の周期"] = reverse("evaluation:cycle_detail", args=[made.cycle.pk])
    frame = reverse("accounts:me")
    as_served()
    rows = [
        _page(name, lambda address=address: client.get(address), lambda: client.get(frame))
        for name, address in asked.items()
    ]
    filling = Client()
    filling.force_login(_officer(made, sheet))
    address = reverse("evaluation:sheet_fill", args=[sheet.pk, "first"])
    return [*rows, _page("評価シートの記入", lambda: filling.get(address), lambda: filling.get(frame))]


def _measure_sheet(made: Any) -> Any:
    """The sheet of a 施策, which gathers the money of every programme under it."""
    from enishi.evaluation.models import EvaluationCycle, Subject

    cycle = EvaluationCycle.objects.get(pk=made.cycle.pk)
    cycle.pk, cycle.title, cycle.unit = None, "測定の施策評価", "node"
    cycle.save()
    node = made.nodes[10]
    return Subject.objects.create(
        cycle=cycle,
        organization=made.house,
        node=node,
        code=node.code,
        title=node.title,
        included=True,
        placed_at=made.at,
    )


def _officer(made: Any, sheet: Any) -> Any:
    """Somebody of the section that fills the sheet in."""
    from enishi.accounts.models import Person
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership

    person = Person.objects.create_user("officer@bench.example", None, name="測定 二郎")
    Membership.objects.create(
        person=person,
        organization=made.house,
        section_id=sheet.section_id,
        role=Role.OFFICER,
        valid_from="2015-04-01",
    )
    return person


def _page(what: str, ask: Callable[[], Any], frame: Callable[[], Any]) -> dict[str, str]:
    """Beside each page, in turn with it, a page that is nothing but the frame: what no page can be faster than here and now."""
    try:
        first = ask()
    except Exception as error:
        return _row(what, f"答えない: {type(error).__name__}", PAGE_TARGET, note=str(error)[:120])
    if first.status_code != 200:
        return _row(what, f"HTTP {first.status_code}", PAGE_TARGET)
    frame()
    wall, cpu, plain = [], [], []
    for _time in range(ASKED):
        begun, worked = time.perf_counter(), time.process_time()
        ask()
        wall.append((time.perf_counter() - begun) * 1000)
        cpu.append((time.process_time() - worked) * 1000)
        begun = time.perf_counter()
        frame()
        plain.append((time.perf_counter() - begun) * 1000)
    note = f"CPU p95 {_p95(cpu):.0f} ms、中央値 {statistics.median(wall):.0f} ms、{ASKED}回、{len(first.content) // 1024} KB"
    return _row(
        what, f"p95 {_p95(wall):.0f} ms", PAGE_TARGET, f"枠だけのページ p95 {_p95(plain):.0f} ms", note
    )


def _p95(took: list[float]) -> float:
    return sorted(took)[int(len(took) * 0.95) - 1]


def _papers(made: Any, quick: bool) -> list[dict[str, str]]:
    """1,000 sheets as PDF, as the job makes them."""
    from enishi.evaluation.papers import batch
    from enishi.evaluation.papers.forms import FORMS
    from enishi.foundation.models import Job

    count = 100 if quick else 1_000
    keys = list(batch.readable(made.person, made.cycle).order_by("code").values_list("pk", flat=True)[:count])
    job = Job(
        person=made.person, arguments={"cycle": made.cycle.pk, "form": next(iter(FORMS)), "format": "pdf"}
    )
    quiet: Any = lambda *_a, **_k: None  # noqa: E731
    wall = time.perf_counter()
    size = sum(len(content) for _name, content in batch.made(job, made.cycle, keys, quiet))
    took = time.perf_counter() - wall
    rate = f"{len(keys) / took:.1f} 枚/秒"
    return [
        _row(
            f"評価シート {len(keys):,}枚をPDFに",
            f"{took:.0f} 秒",
            note=f"{rate}、{size / len(keys) / 1024:.0f} KB/枚",
        )
    ]


PIECE = """支援策{n}:予約型の乗合交通 {n}
目的
高齢者が通院と買い物に困らないようにする。
主な取組1:予約窓口の一本化
・電話とネットの窓口を一つにする。
客観的根拠
・通院をあきらめた人は18.4%である(出典:高齢者調査 令和6年)。
KGI・KSI・KPI
・KGI
・通院をあきらめた人の割合:5%以下(現状平均18.4%)
・データ取得方法:高齢者調査
"""


def _reading() -> dict[str, str]:
    from enishi.engines import policydoc

    text, number = "", 0
    while len(text) < 70_000:
        number += 1
        text += PIECE.format(n=number)
    text = text[:70_000]
    found: list[Any] = []
    row = _timed("7万字の政策の文書を読む", lambda: found.append(policydoc.read(text)), target="≤ 2 秒")
    plain = policydoc.as_plain(found[0])
    return row | {
        "note": f"支援策{len(plain['measures'])}、指標{len(plain['indicators'])}、根拠{len(plain['evidence'])}"
    }


# --- Imports ----------------------------------------------------------------------------------------------------------------------


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def _imported(
    what: str, count: int, took: float, worked: float, before: int, baseline: str
) -> dict[str, str]:
    peak = _memory()
    return _row(
        f"{what} {count:,}行を調べて取り込む",
        f"{took:.0f} 秒、最大 {peak / GIB:.2f} GiB",
        "≤ 60 秒、≤ 1 GiB",
        baseline,
        f"CPU {worked:.0f} 秒、毎秒{count / took:,.0f}行、はじめの大きさ {before / GIB:.2f} GiB",
    )


def values(quick: bool) -> list[dict[str, str]]:
    """A file of values for a house that has the indicators and no value yet."""
    import datetime as dt

    from bench.plans_city import value_lines
    from enishi.accounts.models import Person
    from enishi.indicators.models import Indicator, IndicatorDefinition, Measurement
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership, Organization

    count, indicators = (100_000, 500) if quick else (1_000_000, 5_000)
    at = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
    house = Organization.objects.create(kind="municipality", name="取込市")
    person = Person.objects.create_user("values@bench.example", None, name="取込 一郎")
    Membership.objects.create(person=person, organization=house, role=Role.PLANNER, valid_from="2000-04-01")
    rows = Indicator.objects.bulk_create(
        (
            Indicator(
                organization=house, code=f"K{n:05}", name=f"取込の指標 {n}", unit="人", aggregation="sum",
                frequency="monthly", created_at=at, updated_at=at,
            )
            for n in range(indicators)
        ),
        batch_size=1_000,
    )  # fmt: skip
    IndicatorDefinition.objects.bulk_create(
        IndicatorDefinition(
            indicator=row, version=1, text="定義", valid_from=dt.date(1990, 4, 1), created_at=at
        )
        for row in rows
    )
    plain = _plain_values(rows, person, at)
    path = Path(os.environ["ENISHI_DATA"]) / "values.csv"
    _write(path, value_lines(indicators, count))
    before, wall, cpu = _memory(), time.perf_counter(), time.process_time()
    brought = _bring_values(path, house, person, at)
    took, worked = time.perf_counter() - wall, time.process_time() - cpu
    stored = Measurement.objects.filter(indicator__organization=house).count()
    row = _imported("指標の値", count, took, worked, before, f"一行ずつ確かめて保存: {plain * count:,.0f} 秒")
    if stored < count:
        row["note"] += f"、入った行 {stored:,}({brought})"
    return [row]


def _bring_values(path: Path, house: Any, person: Any, at: Any) -> str:
    """Keep the file, check it, check it again and save: what the page and its two jobs do."""
    from enishi.indicators.transfer import importing

    with path.open("rb") as stream:
        run = importing.keep_file(
            organization=house,
            kind="values",
            name=path.name,
            file=stream,
            size=path.stat().st_size,
            source="測定",
            options={},
            actor=person,
            at=at,
        )
    plan = importing.check(run, person, at)
    if plan.notes.fault_count:
        return str(plan.as_json()["faults"][:2])
    return f"{importing.save(run_id=run.pk, actor=person, at=at).rows_added:,}行"


def _plain_values(rows: list[Any], person: Any, at: Any) -> float:
    """Seconds a row that is validated and saved by itself takes."""
    import datetime as dt

    from django.db import transaction

    from enishi.indicators.models import AcquisitionRun, Measurement

    some = rows[:300]
    with transaction.atomic():
        run = AcquisitionRun.objects.create(
            organization=rows[0].organization, kind="values", source="基準", person=person, at=at
        )
        wall = time.perf_counter()
        for row in some:
            made = Measurement(
                indicator=row, fiscal_year=1990, period_start=dt.date(1990, 4, 1), period_end=dt.date(1990, 4, 30),
                value=1, run=run, recorded_by=person, recorded_at=at,
            )  # fmt: skip
            made.full_clean()
            made.save()
        took = time.perf_counter() - wall
        transaction.set_rollback(True)
    return took / len(some)


def entries(quick: bool) -> list[dict[str, str]]:
    """The file of an initial budget, into a house that has none."""
    import datetime as dt

    from django.core.files import File

    from bench.plans_city import entry_lines
    from enishi.accounts.models import Person
    from enishi.budgets.enums import Stage
    from enishi.budgets.models import BudgetEntry
    from enishi.budgets.services.profiles import ProfileValues, save_profile
    from enishi.budgets.transfer import importing
    from enishi.budgets.transfer.looking import look_at
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership, Organization

    count = 100_000 if quick else 1_000_000
    at = dt.datetime(2026, 11, 22, 3, tzinfo=dt.UTC)
    house = Organization.objects.create(kind="municipality", name="予算市")
    person = Person.objects.create_user("entries@bench.example", None, name="予算 一郎")
    Membership.objects.create(person=person, organization=house, role=Role.PLANNER, valid_from="2000-04-01")
    headings = {
        "account": "会計", "kan": "款", "kan_name": "款名", "ko": "項", "ko_name": "項名", "moku": "目",
        "moku_name": "目名", "jigyo": "事業", "jigyo_name": "事業名", "setsu": "節", "setsu_name": "節名",
        "amount": "金額", "note": "摘要",
    }  # fmt: skip
    profile = save_profile(organization=house, values=ProfileValues("測定", headings), actor=person, at=at)
    path = Path(os.environ["ENISHI_DATA"]) / "entries.csv"
    _write(path, entry_lines(count))
    before, wall, cpu = _memory(), time.perf_counter(), time.process_time()
    with path.open("rb") as stream:
        run = importing.receive(
            organization=house,
            profile=profile,
            arrival=importing.Arrival(
                2027,
                Stage.INITIAL,
                dt.date(2027, 3, 20),
                stated_total_yen=sum(number % 9_000 * 1_000 for number in range(count)),
            ),
            file=File(stream, name=path.name),
            filename=path.name,
            actor=person,
            at=at,
        )
    # What the two jobs do: look at it and say what it would change, then look again and write.
    look_at([run])
    looks = look_at([run])
    importing.apply(looks, at=at)
    took, worked = time.perf_counter() - wall, time.process_time() - cpu
    stored = BudgetEntry.objects.filter(import_run=run).count()
    plain = _plain_entries(run)
    row = _imported(
        "予算の記録", count, took, worked, before, f"一行ずつ確かめて保存: {plain * count:,.0f} 秒"
    )
    faults = looks[0].reading.faults
    if stored != count or faults:
        row["note"] += f"、入った行 {stored:,}、直すところ {[each.reason for each in faults][:2]}"
    return [row]


def _plain_entries(run: Any) -> float:
    from django.db import transaction

    from enishi.budgets.models import BudgetCode, BudgetEntry

    codes = list(BudgetCode.objects.filter(organization_id=run.organization_id)[:300])
    with transaction.atomic():
        wall = time.perf_counter()
        for code in codes:
            made = BudgetEntry(
                code=code, stage="initial", amount_yen=1, dated_on=run.dated_on, import_run=run, row_no=1
            )
            made.full_clean()
            made.save()
        took = time.perf_counter() - wall
        transaction.set_rollback(True)
    return took / len(codes)


def _write(path: Path, lines: Any) -> None:
    with path.open("w", encoding="utf-8", newline="\r\n") as file:
        for line in lines:
            file.write(line + "\n")


if __name__ == "__main__":
    import django

    django.setup()
    parts = {"city": city, "values": values, "entries": entries}
    print(json.dumps(parts[sys.argv[1]](sys.argv[2] == "quick")))
