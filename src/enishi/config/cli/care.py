"""Keeping it well: backup, restore, verify, doctor."""

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from enishi.config.cli import set_up_django

if TYPE_CHECKING:
    from enishi.config.health import Finding


@click.command("backup")
@click.option(
    "--to", "folder", type=click.Path(path_type=Path, file_okay=False), help="控えを置くフォルダー。"
)
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def backup_command(folder: Path | None, as_json: bool) -> None:
    """データベース・添付・鍵を一つのファイルに控える。動かしたまま取れる。"""
    set_up_django()
    from enishi.config import archive

    path = archive.back_up(folder=folder, tell=lambda line: click.echo(line, err=True))
    size = path.stat().st_size
    click.echo(
        json.dumps({"path": str(path), "bytes": size})
        if as_json
        else f"控えを書きました: {path}({size:,}バイト)"
    )


@click.command("restore")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
def restore_command(path: Path) -> None:
    """空の場所に控えを戻す。SQLiteの控えをPostgreSQLに戻すこともできる。"""
    set_up_django()
    from enishi.config import archive, startup

    archive.restore(path, tell=lambda line: click.echo(line, err=True))
    startup.prepare(click.echo, backup=False)
    startup.rebuild_indexes(click.echo)
    click.echo("戻しました。enishi verify で確かめられます。")


@click.command("verify")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def verify_command(as_json: bool) -> None:
    """記録の連鎖・データベース・添付が無傷かを確かめる。"""
    set_up_django()
    from enishi.config import health

    _report(health.integrity(), as_json)


@click.command("doctor")
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def doctor_command(as_json: bool) -> None:
    """設定・容量・データベース・モデル・裏方・メールの具合を診る。"""
    set_up_django()
    from enishi.config import health

    _report(health.examination(), as_json)


def _report(findings: "list[Finding]", as_json: bool) -> None:
    if as_json:
        rows = [{"name": each.name, "ok": each.ok, "detail": each.detail} for each in findings]
        click.echo(json.dumps(rows, ensure_ascii=False))
    else:
        for each in findings:
            click.echo(f"{'○ 良い  ' if each.ok else '× 要対応'} {each.name}: {each.detail}")
    if not all(each.ok for each in findings):
        raise click.exceptions.Exit(1)
