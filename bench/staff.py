"""The tools for staff: does a question find its precedent, and only that; is a question for sparring taken apart.

The cases are the demo's; the questions of ``staff_questions.jsonl`` marked ``kept`` were written after everything was set.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bench.table import Row

QUESTIONS = Path(__file__).with_name("staff_questions.jsonl")
TAKEN_APART = (
    ("北海道の町との食のプロジェクトで、うまくいったこと・失敗したこと・気をつける5つ", "h-"),
    ("past food projects with towns in Hokkaido: what worked, what failed, five things to mind", "h-"),
    ("北海道で行った過去の食の事業は何がうまくいって何がだめだった?5つ教えて", "h-"),
    ("高齢者の見守りを民間企業と組んだ事例の教訓を3つ", "a-sensor"),
    ("商店街で、客を増やすための取り組みの失敗", "a-nuno"),
    ("デマンドバス 予約 うまくいかなかった", "a-bus"),
    ("防災訓練で新しい道具を試した例", "a-shelter"),
    ("空き家を使った移住の取り組みで失敗した理由は?", "k-iju"),
    ("what failed when drones were used for deliveries?", "k-drone"),
    ("宇宙エレベーターの建設", ""),
    ("山田太郎さんはどんな人ですか", ""),
)


def run(quick: bool = False) -> list[Row]:
    """The rows of ``make bench``. Runs in a process of its own, for it brings its own database."""
    if os.environ.get("ENISHI_BENCH_STAFF") != "1":
        code = "import json, bench.staff as s; print(json.dumps([vars(row) for row in s.run()]))"
        environment = os.environ | {"ENISHI_BENCH_STAFF": "1"}
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
        )
        return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]
    with tempfile.TemporaryDirectory(dir=os.environ.get("ENISHI_BENCH_FOLDER")) as folder:
        keys = _library(Path(folder))
        return [*_precedents(keys), _sparring(keys)]


def _library(folder: Path) -> dict[int, str]:
    """A database with the demo's cases, read by the bundled model."""
    os.environ["ENISHI_DATA"] = str(folder)
    os.environ.pop("ENISHI_DATABASE_URL", None)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "enishi.config.settings")
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command
    from django.utils import timezone

    from enishi.config.demo.files import lines
    from enishi.knowledge.cases import readings
    from enishi.knowledge.cases.values import prefecture_of
    from enishi.knowledge.models import Case
    from enishi.language.model_folder import prepare_model
    from enishi.organizations.enums import OrganizationKind
    from enishi.organizations.models import Organization

    call_command("migrate", verbosity=0)
    prepare_model(settings.MODEL_FOLDER, learnt=False)
    town = Organization.objects.create(kind=OrganizationKind.MUNICIPALITY, name="測定市")
    names = "title situation action result outcome cause lesson transfer place partner fields themes".split()
    keys = {}
    for row in lines("cases"):
        values = {name: row[name] for name in names if row.get(name)}
        case = Case.objects.create(
            organization=town,
            prefecture_code=prefecture_of(row.get("place", "")),
            created_at=timezone.now(),
            updated_at=timezone.now(),
            **values,
        )
        keys[case.pk] = row["key"]
    readings.refresh(keys)
    return keys


def _precedents(keys: dict[int, str]) -> list[Row]:
    from enishi.knowledge.cases.ranking import rank
    from enishi.knowledge.models import Case

    asked = [json.loads(line) for line in QUESTIONS.read_text("utf-8").splitlines()]
    rows = []
    for part, name in (("kept", "調整のあとに書いた問い"), ("learn", "調整に使った問い")):
        told: list[tuple[Any, list[str], list[str]]] = []
        for each in (one for one in asked if one["part"] == part):
            ranked = rank(Case.objects.all(), each["q"], limit=5)
            about = [keys[one.case_id] for one in ranked if one.is_about_it]
            by_words = [keys[one.case_id] for one in ranked if one.coverage >= 0.25]
            told.append((each["cases"], about, by_words))
        rows += [
            Row(f"先例が一番に出た({name})", _first(told, 1), "90%以上", f"言葉だけ {_first(told, 2)}"),
            Row(
                f"先例のない問いに先例と言った({name})",
                _false(told, 1),
                "10%以下",
                f"言葉だけ {_false(told, 2)}",
            ),
        ]
    return rows


def _first(told: Sequence[tuple[Any, list[str], list[str]]], at: int) -> str:
    there = [one for one in told if one[0]]
    return _share(sum(one[at][:1] == one[0] for one in there), len(there))


def _false(told: Sequence[tuple[Any, list[str], list[str]]], at: int) -> str:
    none = [one for one in told if not one[0]]
    return _share(sum(bool(one[at]) for one in none), len(none))


def _sparring(keys: dict[int, str]) -> Row:
    """Right: every case of Hokkaido's food and no other, the one case among those shown, or none where there is none."""
    from enishi.knowledge.models import Case
    from enishi.knowledge.sparring.answering import matching
    from enishi.knowledge.sparring.understanding import understand

    fields = sorted({name for names in Case.objects.values_list("fields", flat=True) for name in names})
    right = 0
    for text, wanted in TAKEN_APART:
        found = {keys[pk] for pk in matching(Case.objects.all(), understand(text, fields=fields), text)}
        if wanted == "h-":
            right += found == {key for key in keys.values() if key.startswith("h-")}
        else:
            right += wanted in found and len(found) <= 5 if wanted else not found
    return Row(
        "壁打ちの問いに合う事例が出た",
        _share(right, len(TAKEN_APART)),
        "90%以上",
        note="場所・分野・言葉、英語も",
    )


def _share(part: int, whole: int) -> str:
    return f"{part / whole * 100:.1f}%({part}/{whole})" if whole else "該当なし(0/0)"
