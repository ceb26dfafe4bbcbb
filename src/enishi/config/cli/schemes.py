"""Choosing a legal form on the command line: no database, no Django."""

import json
from pathlib import Path
from typing import Any

import click


@click.command("schemes")
@click.option(
    "--answers",
    "path",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="問いの符号と答えのJSON。省くと、次の問いだけを出す。",
)
@click.option("--json", "as_json", is_flag=True, help="結果をJSONで出す。")
def schemes_command(path: Path | None, as_json: bool) -> None:
    """答えから、ふさわしい制度を理由と条文つきで挙げる。"""
    from enishi.agreements.knowledge import knowledge
    from enishi.engines import schemes
    from enishi.engines.core.errors import InvalidInputError

    try:
        answers = json.loads(path.read_text(encoding="utf-8")) if path else {}
    except (OSError, ValueError) as error:
        raise click.ClickException(f"{path}: JSONとして読めません({error})。") from error
    if not isinstance(answers, dict):
        raise click.ClickException(f'{path}: {{"partner": "private"}} のような形で書いてください。')
    try:
        advice = schemes.advise(answers, knowledge())
    except InvalidInputError as error:
        question = knowledge().questions.get(error.field)
        known = list(question.labels) if question else list(knowledge().questions)
        raise click.ClickException(
            f"「{error.field}」の答えとして読めません。使えるのは {known} です。"
        ) from error
    asked = schemes.next_question(answers, knowledge())
    if as_json:
        click.echo(json.dumps(_plain(advice, asked), ensure_ascii=False, indent=1))
        return
    for each in advice.recommendations:
        click.echo(f"{each.rank}. {each.scheme.name} — {each.why}({each.rule_id})")
    if asked:
        question = knowledge().questions[asked]
        click.echo(f"次の問い: {question.ask}({asked})")
        for value, label in question.labels.items():
            click.echo(f"  {json.dumps(value)}: {label}")


def _plain(advice: Any, asked: str | None) -> dict[str, Any]:
    return {
        "recommendations": [
            {
                "rank": each.rank,
                "role": each.role,
                "scheme": each.scheme.id,
                "name": each.scheme.name,
                "why": each.why,
                "rule": each.rule_id,
                "articles": [f"{cite.law} {cite.article}" for cite in each.scheme.citations],
                "council": each.scheme.council.needed,
            }
            for each in advice.recommendations
        ],
        "ruled_out": [{"scheme": each.scheme.id, "because": each.because} for each in advice.ruled_out],
        "open_questions": list(advice.open_questions),
        "next_question": asked,
    }
