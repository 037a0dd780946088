"""The report as one self-contained HTML page, without external resources."""

from __future__ import annotations

import html
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from pygments.formatters import HtmlFormatter

from introspect_export._version import __version__
from introspect_export.inspect.page.page_data import page_data

if TYPE_CHECKING:
    from introspect_export.inspect.findings import Findings

_TEMPLATES = Path(__file__).parent / 'templates'
_HEIGHT = 640


def page(report: Findings, *, source: bool = True) -> str:
    """Return the page.

    Args:
        report: The report.
        source: Whether to include the flattened source of every class.
    """
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True)
    return environment.get_template('page.html.j2').render(
        title=report.config,
        scope=report.scope,
        version=__version__,
        data=_for_script(page_data(report, source=source)),
        light=_styles('default', ''),
        dark=_styles('monokai', ':root[data-theme=dark] '),
    )


def embedded(report: Findings) -> str:
    """The page as an ``iframe`` for a notebook's cell."""
    text = html.escape(page(report, source=False), quote=True)
    return f'<iframe srcdoc="{text}" style="width:100%;height:{_HEIGHT}px;border:1px solid #8888"></iframe>'


def _for_script(data: Any) -> str:
    """JSON that is safe in a ``script`` element (https://html.spec.whatwg.org/multipage/scripting.html#restrictions-for-contents-of-script-elements)."""
    return json.dumps(data, ensure_ascii=False, separators=(',', ':')).replace('<', '\\u003c')


def _styles(name: str, prefix: str) -> str:
    """The CSS rules for highlighted source."""
    styles: str = HtmlFormatter(style=name).get_style_defs(f'{prefix}.source')
    return styles
