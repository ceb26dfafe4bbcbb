"""The interface speaks Japanese in the source and English in the catalogue; neither has holes."""

import ast
import gettext
import re
import shutil
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command

PACKAGE: Path = settings.PACKAGE_FOLDER
CATALOGUE = PACKAGE / "locale" / "en" / "LC_MESSAGES" / "django.mo"
JAPANESE = re.compile(r"[\u3041-\u30fa\u4e00-\u9fff]")
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|\{\w*\}")
SPOKEN = re.compile(
    r"{%\s*comment.*?endcomment\s*%}|{#.*?#}|{%\s*blocktranslate.*?endblocktranslate\s*%}"
    r"|{%.*?%}|_\((\"|').*?\1\)|<!--.*?-->",
    re.DOTALL,
)
# The page for a broken installation must not need a catalogue.
WITHOUT_CATALOGUE = {"500.html"}


@pytest.fixture(scope="module")
def catalogue() -> dict[str, str]:
    with CATALOGUE.open("rb") as file:
        translations = gettext.GNUTranslations(file)
    return {key[0] if isinstance(key, tuple) else key: text for key, text in translations._catalog.items()}


@pytest.fixture(scope="module")
def sentences(tmp_path_factory: pytest.TempPathFactory) -> set[str]:
    """Every sentence of the interface as ``makemessages`` finds it today."""
    if shutil.which("xgettext") is None:
        pytest.skip("xgettext がありません。Debian/Ubuntu では「apt install gettext」で入れてください。")
    copy = tmp_path_factory.mktemp("messages") / "enishi"
    shutil.copytree(PACKAGE, copy, ignore=shutil.ignore_patterns("locale", "*.onnx", "__pycache__"))
    (copy / "locale" / "en" / "LC_MESSAGES").mkdir(parents=True)
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(copy)
        patch.setattr(settings, "LOCALE_PATHS", [])
        call_command(
            "makemessages",
            locale=["en"],
            no_location=True,
            no_wrap=True,
            ignore_patterns=["migrations/*"],
            verbosity=0,
        )
    text = (copy / "locale" / "en" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    return set(_keys(text)) - {""}


def _keys(text: str) -> list[str]:
    """The message keys of a catalogue, as compiled catalogues write them."""
    found = []
    for entry in text.split("\n\n"):
        context = _field(entry, "msgctxt")
        found.append((f"{context}\x04" if context else "") + _field(entry, "msgid"))
    return found


def _field(entry: str, name: str) -> str:
    match = re.search(rf'^{name} ((?:".*"\n?)+)', entry, re.MULTILINE)
    parts = re.findall(r'"(.*)"', match[1]) if match else []
    return "".join(parts).replace("\\n", "\n").replace('\\"', '"').replace("\\\\", "\\")


def test_every_sentence_has_its_english(catalogue: dict[str, str], sentences: set[str]) -> None:
    missing = sorted(sentence for sentence in sentences if not catalogue.get(sentence))

    assert missing == []


def test_english_is_english_and_keeps_the_placeholders(
    catalogue: dict[str, str], sentences: set[str]
) -> None:
    wrong = [
        sentence
        for sentence in sorted(sentences & set(catalogue))
        if set(PLACEHOLDER.findall(catalogue[sentence])) - set(PLACEHOLDER.findall(sentence))
    ]

    assert wrong == []


@pytest.mark.parametrize(
    "template", sorted(PACKAGE.glob("*/templates/**/*.html")), ids=lambda path: path.name
)
def test_no_japanese_stands_in_a_template_outside_the_catalogue(template: Path) -> None:
    if template.name in WITHOUT_CATALOGUE:
        return
    spoken = SPOKEN.sub("", template.read_text(encoding="utf-8"))

    assert [line.strip() for line in spoken.splitlines() if JAPANESE.search(line)] == []


def test_what_the_engine_says_has_its_english(catalogue: dict[str, str]) -> None:
    """Engines know no catalogue, so nothing gathers their sentences."""
    tree = ast.parse((PACKAGE / "engines" / "matching" / "reasons.py").read_text(encoding="utf-8"))
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    said = {
        node.value
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and JAPANESE.search(node.value)
        and id(node) not in docstrings
    }

    assert len(said) > 30
    assert {sentence for sentence in said if not catalogue.get(sentence)} == set()


def test_why_a_file_cannot_be_read_has_its_english(catalogue: dict[str, str]) -> None:
    """The floor of languages knows no catalogue: what it says there is found by its keys."""
    folder = PACKAGE / "language"
    told = {
        text.value
        for path in [*(folder / "extracting").glob("*.py"), folder / "service.py", folder / "null.py"]
        for text in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(text, ast.Constant)
        and isinstance(text.value, str)
        and re.search(r"(?:ください|でした|いません|ました)。$|読んでいません: ", text.value)
    }

    assert len(told) > 25
    assert sorted(told - set(catalogue)) == []
