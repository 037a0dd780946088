"""Read a config from a file, a ``Config`` or a mapping."""

from __future__ import annotations

import ast
import copy
import os
import re
import traceback
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeAlias

from mmengine.config import Config

from introspect_export.load.audit_events import files_opened
from introspect_export.load.config_location import SUFFIXES, locate, owning_package
from introspect_export.load.process_state import preserved
from introspect_export.model.diagnostics import ExportError
from introspect_export.temporary import tempdir_redirected

ConfigSource: TypeAlias = str | os.PathLike[str] | Config | Mapping[str, Any]


@dataclass(frozen=True)
class LoadedConfig:
    """A config that was read; nothing is imported or built yet.

    Attributes:
        config: The merged config; later stages do not change it.
        file: The config's file; empty for an object.
        repo: The package that the config belongs to, as named (``repo::path``) or by the file's path; or empty.
        name: The file's name without suffix, valid as a file name.
        files: The files read, the config's and those of its bases, in order.
        options: The overrides as Python expressions, by dotted key.
    """

    config: Config
    file: str
    repo: str
    name: str
    files: tuple[str, ...]
    options: Mapping[str, str] = field(default_factory=dict)


def load_config(config: ConfigSource, *, options: Mapping[str, Any] | None = None) -> LoadedConfig:
    """Read a config.

    Args:
        config: A path, ``repo::path``, ``repo::configs/path``, a ``Config`` or a mapping.
        options: Overrides as mmengine's ``merge_from_dict`` takes them: ``{'model.backbone.depth': 18}``.

    Returns:
        The config. Its ``custom_imports`` are left to the observing stage.

    Raises:
        ExportError: The config does not exist, it or a base of it raises, or an override does not fit.
    """
    with preserved():
        loaded = _load(config)
        if options:
            try:
                loaded.config.merge_from_dict(dict(options))
            except (KeyError, TypeError, AssertionError, ValueError, IndexError) as error:
                raise ExportError(f'the config options do not fit {loaded.name}: {_text(error)}') from error
            loaded = replace(loaded, options={key: repr(value) for key, value in options.items()})
    return loaded


def _load(config: ConfigSource) -> LoadedConfig:
    if isinstance(config, (Config, Mapping)):
        try:
            return _copied(config)
        except (TypeError, ValueError, KeyError, RecursionError) as error:
            raise ExportError(f'the config holds what cannot be copied: {_text(error)}') from error
    if not isinstance(config, (str, os.PathLike)):
        raise ExportError(f'a {type(config).__name__} is neither a config nor a model')
    path, repo = locate(os.fspath(config))
    with tempdir_redirected(), files_opened() as opened:
        try:
            # The observing stage imports: it can replace missing compiled extensions.
            value = Config.fromfile(str(path), import_custom_modules=False)
        except Exception as error:  # The config's code can raise anything.
            raise ExportError(_problem(path, _config_files(opened), error)) from error
    return LoadedConfig(value, str(path), repo or owning_package(path), config_name(str(path)), _config_files(opened))


def _copied(config: Config | Mapping[str, Any]) -> LoadedConfig:
    if isinstance(config, Config):
        file = config.filename or ''
        return LoadedConfig(copy.deepcopy(config), file, '', config_name(file), (file,) if file else ())
    return LoadedConfig(Config(copy.deepcopy(dict(config))), '', '', config_name(''), ())


def config_name(file: str) -> str:
    """The name of a config file without suffix, with unsafe characters replaced."""
    return re.sub(r'[^\w.+-]', '_', Path(file).stem) or 'config'


def _config_files(opened: Iterable[str]) -> tuple[str, ...]:
    """The opened files that are configs; mmengine's temporary copies no longer exist."""
    return tuple(file for file in opened if file.endswith(SUFFIXES) and os.path.isfile(file))


def _problem(path: Path, files: tuple[str, ...], error: Exception) -> str:
    """Why a config cannot be read, in one sentence, with ``file:line`` where it is known."""
    if isinstance(error, SyntaxError):
        for file in files:
            place = _syntax_error(file)
            if place:
                return f'{place} (reading {path})' if file != str(path) else place
    if isinstance(error, FileNotFoundError) and files:
        name = os.fsdecode(error.filename) if error.filename is not None else _text(error)
        return f'{_mention(files[-1], name)}: the base config {name} does not exist'
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename in files]
    where = f'{frames[-1].filename}:{frames[-1].lineno}' if frames else str(path)
    return f'{where}: {_text(error)}'


def _syntax_error(file: str) -> str:
    if not file.endswith('.py'):
        return ''
    try:
        ast.parse(Path(file).read_text(encoding='utf-8'))
    except SyntaxError as error:
        return f'{file}:{error.lineno}: syntax error: {error.msg}'
    return ''


def _mention(file: str, missing: str) -> str:
    """The ``file:line`` that names a missing base."""
    name = Path(missing).name
    for number, line in enumerate(Path(file).read_text(encoding='utf-8').splitlines(), 1):
        if name in line:
            return f'{file}:{number}'
    return file


def _text(error: BaseException) -> str:
    return f'{type(error).__name__}: {" ".join(str(error).split())}'
