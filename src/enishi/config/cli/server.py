"""Bringing Enishi up and keeping it so: setup, run, worker, migrate, upgrade."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import click

from enishi.config.cli import set_up_django

_EVERYWHERE = {"127.0.0.1", "0.0.0.0", "::"}  # noqa: S104

_LEAST_LIFE_SECONDS = 10.0
_LONGEST_START_SECONDS = 120


@click.command("setup")
def setup_command() -> None:
    """データベース・画面の部品・言語モデルを用意する。"""
    set_up_django()
    from enishi.config import startup

    if startup.is_behind():
        # Setting up touches nobody's data: the next start, or ``upgrade``, takes a backup and brings it along.
        startup.collect_static(click.echo)
        startup.prepare_model(click.echo)
        click.echo(
            "部品の用意ができました。データは前の版の形です。enishi upgrade(または次の起動)が、控えを取ってから合わせます。"
        )
        return
    startup.prepare(click.echo)
    click.echo("用意ができました。")


_no_backup = click.option("--no-backup", is_flag=True, help="事前の控えを取らない。")


@click.command("migrate")
@_no_backup
def migrate_command(no_backup: bool) -> None:
    """データベースをこの版の形にする。データがあれば、先に控えを取る。"""
    set_up_django()
    from enishi.config import startup

    startup.migrate(click.echo, backup=not no_backup)
    click.echo("データベースはこの版の形です。")


@click.command("upgrade")
@_no_backup
def upgrade_command(no_backup: bool) -> None:
    """控えを取ってから、データをこの版に合わせる。"""
    set_up_django()
    from enishi.config import archive, startup

    if not no_backup:
        click.echo(f"控え: {archive.back_up(folder=None, tell=click.echo)}")
    startup.prepare(click.echo, backup=False)
    click.echo("この版で動かせます。")


@click.command("run")
@click.option("--host", default="127.0.0.1", show_default=True, envvar="ENISHI_HOST", help="待ち受ける番地。")
@click.option("--port", default=8000, show_default=True, envvar="ENISHI_PORT", help="待ち受ける番号。")
@click.option("--workers", default=1, show_default=True, envvar="ENISHI_WEB_WORKERS", help="ウェブの処理数。")
@click.option(
    "--threads", default=8, show_default=True, envvar="ENISHI_WEB_THREADS", help="処理ごとの同時応答数。"
)
@click.option("--demo", is_flag=True, help="空なら見本の地域「あおば市」を入れる。")
@click.option("--no-worker", is_flag=True, help="裏方の処理を別に動かすとき。")
@click.option("--only-prepare", is_flag=True, hidden=True)
def run_command(
    host: str, port: int, workers: int, threads: int, demo: bool, no_worker: bool, only_prepare: bool
) -> None:
    """ウェブサーバーと裏方の処理を動かす。"""
    if only_prepare:
        _prepare(demo)
        return
    _refuse_taken_port(host, port)
    os.environ["ENISHI_WEB_WORKERS"] = str(workers)
    web = _web(host, port, workers, threads)
    # This process stays small: who only watches the others keeps neither Django nor the model in memory.
    from enishi.config import prepared

    # Where all was ready before, pages are served while that is being made sure of.
    running = [_Child.start(web)] if prepared.is_prepared() else []
    telling = threading.Thread(target=_tell_when_served, args=(host, port), daemon=True)
    if running:
        telling.start()
    _wait_until_prepared(running, demo=demo)
    commands = [] if running else [web]
    if not no_worker:
        commands.append([sys.executable, "-m", "enishi.config", "worker"])
    if not running:
        telling.start()
    sys.exit(keep_running(commands, running))


def _tell_when_served(host: str, port: int) -> None:
    """Name the address once somebody who opens it meets a page: the web server takes its seconds to come up."""
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    last = time.monotonic() + _LONGEST_START_SECONDS
    while time.monotonic() < last:
        try:
            socket.create_connection((near, port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.2)
    shown = "localhost" if host in _EVERYWHERE else host
    click.echo(f"\n縁は http://{shown}:{port}/ で動きます。止めるには Ctrl+C。")


def _wait_until_prepared(running: "list[_Child]", *, demo: bool) -> None:
    """Have another process prepare everything; where it fails or somebody says stop, nothing goes on running."""
    signal.signal(signal.SIGTERM, lambda _number, _frame: sys.exit(128 + signal.SIGTERM))
    command = [sys.executable, "-m", "enishi.config", "run", "--only-prepare", *(["--demo"] if demo else [])]
    preparing = _Child.start(command)
    code = 1
    try:
        code = preparing.process.wait()
    except KeyboardInterrupt:
        code = 128 + signal.SIGINT
    finally:
        if code:
            for child in (preparing, *running):
                child.process.terminate()
                child.process.wait()
    if code:
        sys.exit(code)


def _prepare(demo: bool) -> None:
    set_up_django()
    from enishi.config import prepared, startup

    startup.prepare(click.echo)
    prepared.note()
    if demo:
        from enishi.config.demo import region

        region.fill_when_empty(click.echo)
        region.tell_sign_ins(click.echo)


def _refuse_taken_port(host: str, port: int) -> None:
    """Say so before minutes of preparation, not after."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
            probe.listen(1)
        except OSError as error:
            raise click.ClickException(
                f"{host}:{port} では待ち受けられません({error.strerror})。"
                "ほかに動いているものを止めるか、--port で別の番号を選んでください。"
            ) from error


def _web(host: str, port: int, workers: int, threads: int) -> list[str]:
    return [
        *(str(Path(sys.executable).parent / "granian"), "--interface", "wsgi"),
        *("--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads)),
        *("--workers-kill-timeout", "10", "--respawn-failed-workers", "--no-ws", "--log-level", "error"),
        "enishi.config.wsgi:application",
    ]


@dataclass
class _Child:
    """One process of ours, and since when it runs."""

    command: list[str]
    process: "subprocess.Popen[bytes]"
    since: float

    @classmethod
    def start(cls, command: list[str]) -> "_Child":
        environment = {**os.environ, "DJANGO_SETTINGS_MODULE": "enishi.config.settings"}
        return cls(command, subprocess.Popen(command, env=environment), time.monotonic())  # noqa: S603

    def lived(self, seconds: float) -> bool:
        """Who ran for a while was killed from outside; who ends at once cannot run here."""
        return time.monotonic() - self.since >= seconds


def keep_running(
    commands: list[list[str]],
    running: "Sequence[_Child]" = (),
    *,
    least_life: float = _LEAST_LIFE_SECONDS,
) -> int:
    """Run all of them until somebody says stop. One that is killed starts again; one that cannot run ends the others."""
    stopped: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        stopped.append(number)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    children = [*running, *(_Child.start(command) for command in commands)]
    while not stopped:
        time.sleep(0.2)
        ended = [child for child in children if child.process.poll() is not None]
        if any(not child.lived(least_life) for child in ended):
            break
        for child in ended:
            click.echo("止まった処理を、もう一度動かします。", err=True)
            children[children.index(child)] = _Child.start(child.command)
    for child in children:
        child.process.terminate()
    codes = [child.process.wait() for child in children]
    return 0 if stopped else max(abs(code) for code in codes) or 1


@click.command("worker")
@click.option("--once", is_flag=True, help="たまっている仕事だけ済ませて終わる。")
def worker_command(once: bool) -> None:
    """裏方の処理(取り込み、通知、索引、定時の見回り)を動かす。"""
    set_up_django()
    from enishi.config import worker

    worker.work(once=once)
