"""Recomputing vectors of indicators on the command line: no database, no Django."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click


@click.command("progress")
@click.argument("path", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def progress_command(path: Path, as_json: bool) -> None:
    """指標の計算の見本(問いと答え)を計算し直し、合わないものを挙げる。

    一つずつ function と inputs を書いたJSON。expected があれば比べる。書き方は docs/engines/progress.md。
    """
    from enishi.engines.core.errors import InvalidInputError
    from enishi.engines.progress import replay

    answers = []
    for index, vector in enumerate(_vectors(path), start=1):
        name = str(vector.get("id", index))
        inputs = vector.get("inputs")
        if not isinstance(inputs, Mapping):
            raise click.ClickException(f"{path}: {name} に inputs がありません。")
        try:
            answer = replay(str(vector.get("function", "")), inputs)
        except InvalidInputError as error:
            raise click.ClickException(f"{path}: {name}: {error}") from error
        answers.append({"id": name, "answer": answer, **_compared(vector.get("expected"), answer)})
    compared = [each for each in answers if "agrees" in each]
    wrong = [each for each in compared if not each["agrees"]]
    if as_json:
        click.echo(json.dumps({"vectors": answers, "wrong": len(wrong)}, ensure_ascii=False, indent=1))
    else:
        for each in wrong:
            click.echo(f"{each['id']}: {json.dumps(each['differs'], ensure_ascii=False)}")
        click.echo(f"{len(answers)}件を計算し、{len(compared)}件を比べ、{len(wrong)}件が合いませんでした。")
    if wrong:
        raise click.exceptions.Exit(1)


def _vectors(path: Path) -> list[Mapping[str, Any]]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: JSONとして読めません({error})。") from error
    found = content.get("vectors") if isinstance(content, Mapping) else content
    if not isinstance(found, list) or not all(isinstance(each, Mapping) for each in found):
        raise click.ClickException(
            f'{path}: {{"vectors": [{{"function": …, "inputs": …}}]}} の形で書いてください。'
        )
    return found


def _compared(expected: Any, answer: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(expected, Mapping):
        return {}
    differs = {
        key: {"expected": wanted, "answer": answer.get(key)}
        for key, wanted in expected.items()
        if not _same(wanted, answer.get(key))
    }
    return {"agrees": not differs, "differs": differs}


def _same(wanted: Any, answer: Any) -> bool:
    """Numbers are compared as numbers: "0.5" is "1/2"."""
    from enishi.engines.core.errors import InvalidInputError
    from enishi.engines.progress.replay import number

    if wanted == answer:
        return True
    if isinstance(wanted, bool | Mapping | list) or isinstance(answer, bool | Mapping | list):
        return False
    try:
        return number(wanted) == number(answer)
    except InvalidInputError:
        return False
