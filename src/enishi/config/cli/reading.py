"""Reading what a municipality already has: no database, no Django."""

import hashlib
import json
from pathlib import Path
from typing import Any

import click


@click.command("read-policy", short_help="政策の文書から、支援策・課題・指標・根拠などを読み取る。")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
@click.option(
    "--text",
    "text_path",
    type=click.Path(path_type=Path, dir_okay=False),
    help="読み取った文をこのファイルに書く(位置 start・end はこの文の何文字目か)。",
)
def read_policy_command(path: Path, as_json: bool, text_path: Path | None) -> None:
    """政策の文書(txt・md・html・docx・pdf)から、支援策・取組・課題・指標・根拠・出典・事例を読み取る。

    終わりの値は、読めたとき 0(見つからなかったものは結果の not_found に書く)、ファイルが読めないとき 1、指定の誤り 2。
    """
    from enishi.engines import policydoc
    from enishi.language.extracting import MAX_BYTES, CannotReadFileError, extract

    try:
        size = path.stat().st_size
        if size > MAX_BYTES:
            raise CannotReadFileError(
                "ファイルが大きすぎます(%(size)d MiB)。%(most)d MiB までに分けてください。",
                size=size // 1024 // 1024,
                most=MAX_BYTES // 1024 // 1024,
            )
        extracted = extract(path.read_bytes(), name=path.name)
        if text_path is not None:
            text_path.write_text(extracted.text, encoding="utf-8", newline="\n")
    except CannotReadFileError as refusal:
        raise click.ClickException(f"{path.name}: {refusal}") from refusal
    except OSError as error:
        raise click.ClickException(
            f"{error.filename or path}: 開けません({error.strerror})。場所と権限を確かめてください。"
        ) from error
    found = policydoc.as_plain(policydoc.read(extracted.text))
    found["file"] = {
        "name": path.name,
        "form": extracted.form,
        "encoding": extracted.encoding,
        "characters": len(extracted.text),
        "text_sha256": hashlib.sha256(extracted.text.encode("utf-8", "surrogatepass")).hexdigest(),
    }
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
    else:
        for line in _report(found):
            click.echo(line)


_NAMES = {
    "measures": "支援策",
    "actions": "主な取組",
    "challenges": "課題",
    "indicators": "指標",
    "evidence": "客観的根拠",
    "sources": "出典",
    "cases": "先進事例",
}


def _report(found: dict[str, Any]) -> list[str]:
    """Say it for reading: each item with its place, what is doubtful marked with ?."""
    lines = []
    for kind, name in _NAMES.items():
        lines.append(f"{name}({len(found[kind])}件)")
        for item in found[kind]:
            doubt = f"  ?{item['unsure']}" if item.get("unsure") else ""
            lines.append(f"  {item['start']}〜{item['end']}  {_words(kind, item)}{doubt}")
    return [*lines, *(f"見つからないもの — {sentence}" for sentence in found["not_found"])]


def _words(kind: str, item: dict[str, Any]) -> str:
    quote = "".join(part.strip() for part in item["quote"].split("\n"))
    if kind == "indicators":
        target = item["target"]["quote"] if item["target"] else "目標は読み取れない"
        return f"{item['level'] or '—'} {quote}: {target}"
    if kind == "challenges":
        return f"{item['who'] or '—'}: {quote}"
    return quote
