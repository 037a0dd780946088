"""The report as plain data, which does not depend on the run or on the folder of the installation."""

from __future__ import annotations

from typing import Any

from introspect_export.inspect.class_places import ClassTexts
from introspect_export.inspect.findings import Argument, ClassView, Findings, Item
from introspect_export.inspect.settings import Setting
from introspect_export.inspect.shown_paths import shown_file
from introspect_export.model import Place, Symbol

SCHEMA = 'introspect_export.inspect/1'
"""The version changes when a key is removed or changes its meaning, but not when one is added."""


def snapshot(report: Findings) -> dict[str, Any]:
    """Return a report as data that can be written as JSON."""
    texts = ClassTexts(report.observation.world)
    return {
        'schema': SCHEMA,
        'config': report.config,
        'file': shown_file(report.file) if report.file else '',
        'scope': report.scope,
        'sections': [{'path': each.path, 'built': each.built} for each in report.sections],
        'objects': [_item(each) for each in report.items],
        'classes': {str(symbol): _view(view, texts) for symbol, view in report.classes.items()},
        'notes': list(report.notes),
    }


def _item(item: Item) -> dict[str, Any]:
    return {
        'path': item.path,
        'config_path': item.config_path,
        'name': item.name,
        'class': str(item.symbol),
        **_place(item.place),
        'chain': [str(each) for each in item.chain],
        'registry': item.registry,
        'made': {'by': _symbol(item.maker), 'within': _symbol(item.within), **_place(item.made_at)},
        'rule': item.rule,
        'parameters': {'own': item.own_parameters, 'total': item.parameters},
        'buffers': {'own': item.own_buffers, 'total': item.buffers},
        'known': item.known,
        'copied': item.copied,
        'arguments': [_argument(each) for each in item.arguments],
        'tensors': [
            {
                'name': each.name,
                'kind': each.kind,
                'shape': list(each.shape),
                'dtype': each.dtype,
                'count': each.count,
            }
            for each in item.tensors
        ],
    }


def _argument(argument: Argument) -> dict[str, Any]:
    return {
        'name': argument.name,
        'value': argument.text,
        'source': argument.source,
        'config_path': argument.config_path,
        'set': _setting(argument.setting) if argument.setting is not None else None,
        'exact': not argument.around,
        'overrides': [_setting(each) for each in argument.overridden],
        'caller': {'by': _symbol(argument.caller), **_place(argument.place)},
        'reader': _symbol(argument.reader),
        'unread': argument.unread,
        'near': list(argument.near),
    }


def _setting(setting: Setting) -> dict[str, Any]:
    via = _place(setting.via) if setting.via is not None else None
    return {**_place(setting.place), 'text': setting.text, 'via': via}


def _view(view: ClassView, texts: ClassTexts) -> dict[str, Any]:
    return {
        **_place(view.place),
        'mro': [str(each) for each in view.ancestry],
        'origin': view.origin,
        'members': texts.members(view.symbol) if view.origin else {},
    }


def _place(place: Place | None) -> dict[str, Any]:
    return {'file': shown_file(place.file), 'line': place.line} if place is not None else {'file': '', 'line': 0}


def _symbol(symbol: Symbol | None) -> str:
    return str(symbol) if symbol is not None and symbol.qualname else ''
