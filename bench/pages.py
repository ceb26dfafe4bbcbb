"""Pages under load: lists, search, records and matches with a nation's data and 50 people at once, on both databases.

python -m bench.pages                  # 50,000 resources
python -m bench.pages --quick          # 5,000 resources, a short visit
BENCH_FULL=1 python -m bench.pages     # 1,000,000 resources and 100,000 challenges (an hour to fill)

A person reads for some seconds between two pages, as people do. An installation that is filled already is measured
as it is: BENCH_PAGES_DATA=<data folder> BENCH_PAGES_DATABASE_URL=<address, none for SQLite>.
"""

import argparse
import http.client
import json
import os
import random
import shutil
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from bench.table import Row, printed

PEOPLE = 50
THINK_SECONDS = (2.0, 8.0)
TARGET = "p95 ≤ 200 ms(PostgreSQL)"
WORDS = (
    "見守り 高齢者 こども食堂 空き家 ドローン 防災倉庫 買い物の足 移住 翻訳 自治会 薬草 ボランティア 農家 電気自動車 点群データ 棚田 取組 介護 不登校"
).split()
KINDS = {
    "list": "一覧",
    "facet": "一覧(絞り込み)",
    "search": "言葉で探す",
    "record": "一件のページ",
    "matches": "縁のページ",
}
SERVER_SECONDS = 180


def _kinds() -> list[str]:
    """The kinds of page to visit; BENCH_PAGES_WITHOUT=matches leaves some out."""
    return [kind for kind in KINDS if kind not in os.environ.get("BENCH_PAGES_WITHOUT", "").split(",")]


@dataclass(frozen=True)
class Size:
    resources: int
    challenges: int
    visits: int

    @classmethod
    def wanted(cls, *, quick: bool) -> "Size":
        if os.environ.get("BENCH_FULL"):
            return cls(1_000_000, 100_000, 16)
        return cls(5_000, 500, 5) if quick else cls(50_000, 5_000, 12)


@dataclass(frozen=True)
class Place:
    """One installation to measure."""

    name: str
    environment: dict[str, str]
    is_filled: bool = False


def run(quick: bool = False) -> list[Row]:
    """Every row of this file's table."""
    size = Size.wanted(quick=quick)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="enishi-bench-") as name:
        for place in _places(Path(name)):
            rows += _measured(place, size)
    return rows


def _places(folder: Path) -> Iterator[Place]:
    filled = os.environ.get("BENCH_PAGES_DATA")
    if filled:
        address = os.environ.get("BENCH_PAGES_DATABASE_URL", "")
        yield Place(
            "PostgreSQL" if address else "SQLite", _environment(Path(filled), address), is_filled=True
        )
        return
    with _postgresql(folder) as address:
        if address:
            yield Place("PostgreSQL", _environment(folder / "postgresql", address))
    yield Place("SQLite", _environment(folder / "sqlite", ""))


def _environment(folder: Path, address: str) -> dict[str, str]:
    folder.mkdir(parents=True, exist_ok=True)
    return {
        **os.environ,
        "ENISHI_DATA": str(folder),
        "ENISHI_DATABASE_URL": address,
        # Everybody who is measured comes from one address.
        "ENISHI_LIMITS": "false",
        "DJANGO_SETTINGS_MODULE": "enishi.config.settings",
    }


@contextmanager
def _postgresql(folder: Path) -> Iterator[str]:
    """A PostgreSQL of our own, thrown away afterwards; an empty address where there is none."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    programs = found[-1] if found else Path(shutil.which("initdb") or "/nowhere").parent
    if not (programs / "initdb").exists():
        yield ""
        return
    home = folder / "pg"
    home.mkdir()
    own = []
    if os.geteuid() == 0:
        own = ["runuser", "-u", "postgres", "--"]
        folder.chmod(0o755)
        shutil.chown(home, "postgres")
    port = _free_port()
    options = (
        f"-p {port} -k {home} -c listen_addresses=127.0.0.1 -c shared_buffers=1GB -c random_page_cost=1.1"
    )
    quiet: dict[str, Any] = {"check": True, "stdout": subprocess.DEVNULL, "cwd": home}
    start = [*own, str(programs / "initdb"), "-D", str(home / "db"), "-U", "enishi", "--auth=trust"]
    subprocess.run([*start, "--encoding=UTF8", "--locale=C.UTF-8"], **quiet)
    control = [*own, str(programs / "pg_ctl"), "-D", str(home / "db"), "-w"]
    subprocess.run([*control, "-l", str(home / "log"), "-o", options, "start"], **quiet)
    try:
        create = [
            *own,
            str(programs / "createdb"),
            "-h",
            "127.0.0.1",
            "-p",
            str(port),
            "-U",
            "enishi",
            "enishi",
        ]
        subprocess.run(create, **quiet)
        yield f"postgres://enishi@127.0.0.1:{port}/enishi"
    finally:
        subprocess.run([*control, "-m", "immediate", "stop"], **(quiet | {"check": False}))


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _measured(place: Place, size: Size) -> list[Row]:
    command = [sys.executable, "-m", "bench.pages", "--prepare"]
    wanted = (
        [] if place.is_filled else ["--resources", str(size.resources), "--challenges", str(size.challenges)]
    )
    answer = subprocess.run(
        [*command, *wanted], env=place.environment, check=True, stdout=subprocess.PIPE, text=True
    )
    ground = json.loads(answer.stdout.splitlines()[-1])
    port = _free_port()
    with _server(place, port) as process:
        people = [Reader(port, number, ground) for number in range(PEOPLE)]
        for kind in [*_kinds(), *_kinds()]:
            people[0].visit(kind)
        roots = [process, *_postmasters(place.environment["ENISHI_DATABASE_URL"])]
        used = [_cpu_seconds(root) for root in roots]
        _all_at_once(people, size.visits)
        used = [_cpu_seconds(root) - before for root, before in zip(roots, used, strict=True)]
    return _rows(place, ground, people, used)


def _postmasters(address: str) -> list[int]:
    """The process of the PostgreSQL at this address, where this machine can show it."""
    port = str(urlsplit(address).port or "") if address else ""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline") if port else ():
        with suppress(OSError):
            words = path.read_bytes().decode(errors="replace").split("\0")
            if words[0].endswith("postgres") and port in words:
                found.append(int(path.parent.name))
    return found[:1]


def _cpu_seconds(root: int) -> float:
    """What a process and everything below it has used so far."""
    family, parents, ticks = {root}, {}, {}
    for path in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            fields = path.read_text().rpartition(")")[2].split()
            parents[int(path.parent.name)] = int(fields[1])
            ticks[int(path.parent.name)] = sum(map(int, fields[11:15]))
    while grown := {pid for pid, parent in parents.items() if parent in family} - family:
        family |= grown
    return sum(ticks.get(pid, 0) for pid in family) / os.sysconf("SC_CLK_TCK")


@contextmanager
def _server(place: Place, port: int) -> Iterator[int]:
    """The real server, as ``enishi run`` starts it, with a process for each of two cores."""
    command = [
        sys.executable,
        "-m",
        "enishi.config",
        "run",
        "--port",
        str(port),
        "--workers",
        "2",
        "--no-worker",
    ]
    process = subprocess.Popen(command, env=place.environment, stdout=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield process.pid
    finally:
        process.terminate()
        process.wait(timeout=60)


def _wait_for(port: int, process: "subprocess.Popen[bytes]") -> None:
    end = time.monotonic() + SERVER_SECONDS
    while time.monotonic() < end and process.poll() is None:
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
            connection.request("GET", "/about")
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("サーバーが応えません。")


class Reader:
    """One person: half of them signed in as planners, half visitors."""

    def __init__(self, port: int, number: int, ground: dict[str, Any]) -> None:
        self.port = port
        self.chance = random.Random(number)
        self.ground = ground
        self.planner = ground["planners"][number // 2] if number % 2 == 0 else None
        self.took: dict[str, list[float]] = defaultdict(list)
        self.refused: list[str] = []
        self.connection: http.client.HTTPConnection | None = None

    def stay(self, visits: int) -> None:
        time.sleep(self.chance.uniform(0, THINK_SECONDS[1]))
        for _visit in range(visits):
            self.visit(self._next_kind())
            time.sleep(self.chance.uniform(*THINK_SECONDS))

    def _next_kind(self) -> str:
        kinds = ["list", "list", "facet", "facet", "search", "search", "record", "record"]
        if self.planner and "matches" in _kinds():
            kinds += ["matches", "matches"]
        return self.chance.choice(kinds)

    def visit(self, kind: str) -> None:
        path = self._path(kind)
        began = time.perf_counter()
        status = self._get(path)
        self.took[kind].append(1_000 * (time.perf_counter() - began))
        if status != 200:
            self.refused.append(f"{status} {path}")

    def _path(self, kind: str) -> str:
        pick = self.chance.choice
        if kind == "list":
            return pick(("/resources/", "/challenges/"))
        if kind == "facet":
            facets = (
                "field=welfare",
                "field=welfare&kind=technology",
                "kind=people&area=13",
                "orgkind=npo",
                "fresh=1",
            )
            return pick(("/resources/", "/challenges/")) + "?" + pick(facets)
        if kind == "search":
            return pick(("/search", "/resources/", "/challenges/")) + "?q=" + quote(pick(WORDS))
        if kind == "matches" and self.planner:
            return f"/challenges/{self.planner['challenge']}/matches/"
        kind = pick(("resources", "challenges"))
        return f"/{kind}/{self.chance.choice(self.ground[kind])}/"

    def _get(self, path: str) -> int:
        headers = {"Accept": "text/html", "Accept-Language": "ja"}
        if self.planner:
            headers["Cookie"] = f"sessionid={self.planner['session']}"
        for attempt in range(2):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                self.connection.request("GET", path, headers=headers)
                answer = self.connection.getresponse()
                answer.read()
            except (OSError, http.client.HTTPException):
                self.connection = None
                if attempt:
                    return 0
            else:
                return answer.status
        return 0


def _all_at_once(people: Sequence[Reader], visits: int) -> None:
    threads = [threading.Thread(target=one.stay, args=(visits,), daemon=True) for one in people]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=visits * 60)


def _rows(place: Place, ground: dict[str, Any], people: Sequence[Reader], used: Sequence[float]) -> list[Row]:
    took: dict[str, list[float]] = defaultdict(list)
    for person in people:
        for kind, times in person.took.items():
            took[kind] += times[2:] if person is people[0] else times
    everything = [time for times in took.values() for time in times]
    refused = [line for person in people for line in person.refused]
    volume = f"資源{ground['count']:,}件、同時に{PEOPLE}人"
    if not everything:
        return [Row(f"ページ({place.name})", "測れませんでした", TARGET)]
    note = f"{volume}(2〜8秒ごとに1ページ)。{len(everything)}ページ" + (
        f"、断られた{len(refused)}" if refused else ""
    )
    spent = " + ".join(f"{1_000 * seconds / len(everything):.0f}" for seconds in used)
    names = "ウェブ + データベース" if len(used) > 1 else "ウェブ"
    note += f"。1ページに使った計算 {spent} ms({names})、測ったときの機械の負荷 {os.getloadavg()[0]:.1f}({os.cpu_count()}コア)"
    if ground["count"] < 1_000_000:
        note += "。100万件での値は BENCH_FULL=1 で測る(この値からは言えない)"
    target = TARGET if place.name == "PostgreSQL" else "明示"
    baseline = f"LIKEで探す {ground['plain_ms']:,.0f} ms(1人)"
    rows = [Row(f"ページ全体({place.name})", _spread(everything), target, baseline, note)]
    rows += [Row(f"  {label}", _spread(took[kind]), target) for kind, label in KINDS.items() if took[kind]]
    for line in sorted(set(refused))[:5]:
        print(f"断られたページ: {line}", file=sys.stderr)
    return rows


def _spread(times: Sequence[float]) -> str:
    ordered = sorted(times)
    at = min(len(ordered) - 1, round(0.95 * len(ordered)))
    return f"p50 {statistics.median(ordered):.0f} ms / p95 {ordered[at]:.0f} ms"


def prepare(resources: int, challenges: int) -> dict[str, Any]:
    """Fill the installation when asked to, and make the people who will read."""
    import django

    django.setup()
    from enishi.config import nation, startup

    def tell(line: str) -> None:
        print(line, file=sys.stderr, flush=True)

    if resources:
        startup.prepare(tell)
        nation.generate(resources=resources, challenges=challenges, seed=1, tell=tell)
    return _ground()


def _ground() -> dict[str, Any]:
    from enishi.exchange.models import Challenge, Resource

    chance = random.Random(1)
    shared = {"visibility": "public", "status": "open", "deleted_at": None}
    resources = list(
        Resource.objects.filter(**shared).order_by("pk").values_list("pk", flat=True)[:20_000:20]
    )
    challenges = list(
        Challenge.objects.filter(**shared).order_by("pk").values_list("pk", "organization_id")[:5_000:5]
    )
    planners = [_planner(pk, owner) for pk, owner in chance.sample(challenges, PEOPLE // 2)]
    return {
        "count": Resource.objects.count(),
        "resources": resources,
        "challenges": [pk for pk, _owner in challenges],
        "planners": planners,
        "plain_ms": _plain_ms(),
    }


def _planner(challenge: int, organization: int) -> dict[str, Any]:
    """A planner of the challenge's owner, signed in."""
    from django.test import Client
    from django.utils import timezone

    from enishi.accounts.models import Person
    from enishi.organizations.enums import Role
    from enishi.organizations.models import Membership

    person, _made = Person.objects.get_or_create(
        email=f"planner-{challenge}@bench.example", defaults={"name": "測定の企画課"}
    )
    Membership.objects.get_or_create(
        person=person,
        organization_id=organization,
        role=Role.PLANNER,
        defaults={"valid_from": timezone.localdate()},
    )
    client = Client()
    client.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
    return {"challenge": challenge, "session": client.cookies["sessionid"].value}


def _plain_ms() -> float:
    """The same list as a table without an index of words would give it: the way most systems search."""
    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Q

    from enishi.exchange.models import Resource

    rows = Resource.objects.visible_to(AnonymousUser()).filter(
        Q(title__icontains="薬草") | Q(offer__icontains="薬草")
    )
    began = time.perf_counter()
    list(rows.order_by("-updated_at", "-pk")[:20])
    rows.count()
    return 1_000 * (time.perf_counter() - began)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--prepare", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--resources", type=int, default=0, help=argparse.SUPPRESS)
    parser.add_argument("--challenges", type=int, default=0, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.prepare:
        print(json.dumps(prepare(options.resources, options.challenges)))
        return
    print(printed(run(options.quick)))


if __name__ == "__main__":
    main()
