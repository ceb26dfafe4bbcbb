"""What an installation may set: environment variables ``ENISHI_*`` first, then one optional TOML file."""

import os
import secrets
import tomllib
from pathlib import Path
from urllib.parse import urlsplit


class ConfigurationError(Exception):
    """A setting cannot be used; the sentence says which, why and what to write instead."""


class Environment:
    """Reads one setting at a time and says plainly what is wrong with it."""

    def __init__(self, variables: dict[str, str] | None = None) -> None:
        self.variables = dict(os.environ) if variables is None else variables
        self.file = self._read_file()

    def _read_file(self) -> dict[str, object]:
        path = self.variables.get("ENISHI_CONFIG")
        if not path:
            return {}
        try:
            return tomllib.loads(Path(path).read_text(encoding="utf-8"))
        except (OSError, tomllib.TOMLDecodeError) as error:
            raise ConfigurationError(
                f"設定ファイル {path} を読めません({error})。ENISHI_CONFIG の場所と TOML の書き方を確かめてください。"
            ) from error

    def text(self, name: str, default: str = "") -> str:
        value = self.variables.get(f"ENISHI_{name}", self.file.get(name.lower(), default))
        return str(value).strip()

    def flag(self, name: str, *, default: bool = False) -> bool:
        value = self.text(name, "true" if default else "false").lower()
        if value in {"1", "true", "yes", "on"}:
            return True
        if value in {"0", "false", "no", "off", ""}:
            return False
        raise ConfigurationError(f"ENISHI_{name} の値 {value!r} は true か false で書いてください。")

    def number(self, name: str, default: int) -> int:
        value = self.text(name, str(default))
        try:
            return int(value)
        except ValueError as error:
            raise ConfigurationError(f"ENISHI_{name} の値 {value!r} は整数で書いてください。") from error

    def words(self, name: str, default: tuple[str, ...] = ()) -> list[str]:
        value = self.variables.get(f"ENISHI_{name}", self.file.get(name.lower(), list(default)))
        parts = value if isinstance(value, list) else str(value).split(",")
        return [str(part).strip() for part in parts if str(part).strip()]

    def table(self, name: str) -> dict[str, object]:
        """A table of the TOML file, for settings too rich for one variable (OIDC, SAML)."""
        value = self.file.get(name.lower(), {})
        if not isinstance(value, dict):
            raise ConfigurationError(f"設定ファイルの [{name.lower()}] は表として書いてください。")
        return value

    def data_folder(self) -> Path:
        folder = Path(self.text("DATA", "data")).expanduser().resolve()
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise ConfigurationError(
                f"データフォルダー {folder} を使えません({error.strerror})。ENISHI_DATA の場所と書き込みの許しを確かめてください。"
            ) from error
        return folder


def origins_in(table: object) -> list[str]:
    """The sites named anywhere in a table: a form of ours may lead there."""
    if isinstance(table, dict):
        return sorted({origin for value in table.values() for origin in origins_in(value)})
    if isinstance(table, list):
        return sorted({origin for value in table for origin in origins_in(value)})
    address = urlsplit(table) if isinstance(table, str) else None
    usable = address is not None and address.scheme in {"http", "https"} and address.netloc
    return [f"{address.scheme}://{address.netloc}"] if address is not None and usable else []


def secret_key(folder: Path) -> str:
    """The installation's own secret, made once and readable by its owner alone."""
    path = folder / "secret.key"
    try:
        _make_secret(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise ConfigurationError(
            f"鍵のファイル {path} を使えません({error.strerror})。空き容量と、動かす人の読み書きの許しを確かめてください。"
        ) from error
    if not key:
        raise ConfigurationError(
            f"鍵のファイル {path} が空です。控えから戻してください。控えがなければ消して、もう一度実行してください。"
        )
    return key


def _make_secret(path: Path) -> None:
    """Written once; a full disk leaves no empty one behind."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64))
    except OSError:
        path.unlink()
        raise
