"""Agreements: the register, narrowed and by deadline, the page of one, its calendar and the scheme advisor, with 20,000 of them.

python -m bench agreements            # 20,000 agreements
python -m bench agreements --quick    # 2,000

Runs in a process of its own on a data folder that is thrown away afterwards.
"""

import datetime as dt
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from bench.served import as_served
from bench.table import Row

TARGET = "p95 ≤ 150 ms"
ASKED = 40
TOWNS = 200


def run(quick: bool = False) -> list[Row]:
    """Every row of this file's table."""
    with tempfile.TemporaryDirectory(prefix="enishi-bench-") as folder:
        environment = {
            **os.environ,
            "ENISHI_DATA": folder,
            "ENISHI_LIMITS": "false",
            "DJANGO_SETTINGS_MODULE": "enishi.config.settings",
        }
        count = "2000" if quick else "20000"
        done = subprocess.run(
            [sys.executable, "-m", "bench.agreements", count],
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode:
        return [Row("協定", "測れませんでした", note=done.stderr.strip()[-200:])]
    return [Row(**row) for row in json.loads(done.stdout.splitlines()[-1])]


def measured(count: int) -> list[dict[str, str]]:
    """Fill, ask."""
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.ALLOWED_HOSTS = ["*"]
    call_command("migrate", verbosity=0)
    call_command("collectstatic", interactive=False, verbosity=0)
    officer, mine = _fill(count)
    as_served()
    return _pages(officer, mine, count)


def _fill(count: int) -> tuple[Any, list[int]]:
    from django.utils import timezone

    from enishi.accounts.models import Person
    from enishi.agreements.models import Agreement, Obligation, Party, Risk, Version
    from enishi.exchange.models import Field
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership, Organization, Section

    rng, at = random.Random(8), timezone.now()
    today = timezone.localdate()
    towns = Organization.objects.bulk_create(
        Organization(kind="municipality", name=f"測定{number}市") for number in range(TOWNS)
    )
    houses = Organization.objects.bulk_create(
        Organization(kind="company", name=f"測定{number}社") for number in range(1_000)
    )
    section = Section.objects.create(organization=towns[0], name="企画課", valid_from=today)
    officer = Person.objects.create_user("officer@bench.example", None, name="officer")
    Membership.objects.create(
        person=officer, organization=towns[0], role=Role.PLANNER, valid_from="2020-04-01"
    )
    rows = Agreement.objects.bulk_create(
        (
            Agreement(
                # A tenth belongs to the town that asks: 2,000 agreements, as a large city keeps them.
                organization=towns[0] if number % 10 == 0 else towns[number % TOWNS],
                section=section if number % 10 == 0 else None,
                number=f"R8-{number}",
                title=f"測定 {number} {rng.choice(('見守り', '防災', '空き家', '健康', '交通'))}に関する協定",
                kind=rng.choice(("comprehensive", "individual", "disaster", "trial")),
                scheme=rng.choice(("hokatsu", "saigai_oen", "nin_i_kyotei")),
                counterparts=houses[number % 1_000].name,
                purpose="目的の文。" * 20,
                status="active" if number % 8 else "draft",
                visibility=("public", "members", "internal")[number % 3],
                starts_on=today - dt.timedelta(days=900),
                ends_on=today + dt.timedelta(days=number % 700),
                next_due_on=today + dt.timedelta(days=number % 400 - 100),
                signed_on=today - dt.timedelta(days=900),
                last_activity_on=today - dt.timedelta(days=number % 800),
                created_at=at,
                updated_at=at - dt.timedelta(minutes=number),
            )
            for number in range(count)
        ),
        batch_size=500,
    )
    versions = Version.objects.bulk_create(
        (
            Version(
                agreement=row,
                number=1,
                state="in_force",
                sha256="0" * 64,
                title=row.title,
                purpose=row.purpose,
                ends_on=row.ends_on,
                made_by=officer,
                made_at=at,
            )
            for row in rows
        ),
        batch_size=500,
    )
    for model, many, values in (
        (Party, 3, {"name": "測定の当事者", "role": "役割"}),
        (Obligation, 5, {"bearer": "甲", "text": "報告する", "due_on": today, "every_months": 3}),
        (Risk, 25, {"phase": "共通", "kind": "見本", "text": "内容", "bearer": "partner"}),
    ):
        model.objects.bulk_create(
            (
                model(
                    version=version,
                    order=order,
                    **values,
                    **({"key": f"C{order:02d}"} if model is Risk else {}),
                )
                for version in versions
                for order in range(many)
            ),
            batch_size=1_000,
        )
    fields = list(Field.objects.filter(parent__isnull=True))
    through = Agreement.fields.through
    through.objects.bulk_create(
        (through(agreement_id=row.pk, field_id=fields[row.pk % len(fields)].pk) for row in rows),
        batch_size=1_000,
    )
    parties = Agreement.parties.through
    parties.objects.bulk_create(
        (parties(agreement_id=row.pk, organization_id=houses[row.pk % 1_000].pk) for row in rows),
        batch_size=1_000,
    )
    mine = [row.pk for row in rows if row.organization_id == towns[0].pk and row.status == "active"]
    return officer, mine


def _pages(officer: Any, mine: list[int], count: int) -> list[dict[str, str]]:
    from django.test import Client

    client = Client()
    client.force_login(officer)
    rng = random.Random(9)
    pages: tuple[tuple[str, Callable[[], str]], ...] = (
        ("協定の一覧", lambda: "/agreements/"),
        ("協定の一覧(締結・分野・言葉)", lambda: "/agreements/?status=active&field=welfare&q=見守り"),
        ("協定の一覧(期限の近い順)", lambda: "/agreements/?due=90&sort=due"),
        ("協定の一覧(一年動いていない)", lambda: "/agreements/?asleep=1"),
        ("協定のページ", lambda: f"/agreements/{rng.choice(mine)}/"),
        ("リスク分担表", lambda: f"/agreements/{rng.choice(mine)}/risks/table/"),
        ("期限のカレンダー", lambda: "/agreements/calendar/"),
        ("協定の案件の流れ", lambda: f"/cases/agreement/{rng.choice(mine)}/"),
        (
            "制度の助言",
            lambda: "/agreements/schemes/advice/?partner=local_government&who_decides=hand_over&work=execute",
        ),
    )
    note = f"{count:,}件、{os.cpu_count()}コア"
    return [
        {"what": name, "measured": _told(client, address), "target": TARGET, "note": note}
        for name, address in pages
    ]


def _told(client: Any, address: Callable[[], str]) -> str:
    client.get(address())
    taken, worked = list[float](), list[float]()
    for _turn in range(ASKED):
        begun, used = time.perf_counter(), time.process_time()
        response = client.get(address())
        taken.append((time.perf_counter() - begun) * 1_000)
        worked.append((time.process_time() - used) * 1_000)
        if response.status_code != 200:
            return f"{response.status_code}"
    half = statistics.median(worked)
    return f"CPU p50 {half:.0f} ms / p95 {_p95(worked):.0f} ms、時計 p95 {_p95(taken):.0f} ms"


def _p95(times: list[float]) -> float:
    """The smallest that 95 in 100 do not exceed."""
    return sorted(times)[-(-len(times) * 95 // 100) - 1]


if __name__ == "__main__":
    print(json.dumps(measured(int(sys.argv[1])), ensure_ascii=False))
