"""The table of ``mutate_package.py``, in Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

_ESCAPED, _SYNTAX = 'escaped', 'syntax'

_TEXT = """# Faults put into packages, and what `verify` notices

    {command}

Faults of {kinds} kinds were put into {packages} exported packages, one at a time, at random places in lines that run
while the package is verified, and each copy was compared with its original at `verify --level data`.
**{caught} of {tried} were noticed ({share:.1%}).** *Not shown* is a level that could not be shown any more (it took too
long, for example), which `verify` says and answers with a status other than 0. A fault is counted at the first
level that notices it, in the order of the levels: the {read} at *code*, which reads text, changed nothing that the
levels before it saw on this data, like a box of no height, or a label that no image has.

{table}

## Faults that escaped

{escaped}
"""


def table(records: Sequence[Mapping[str, Any]], reasons: Mapping[str, str], command: str) -> tuple[str, float]:
    """The document, and the share of the faults that were noticed.

    Args:
        records: What became of each fault.
        reasons: By the name of a fault, why it escaped.
        command: What was run.
    """
    valid = [record for record in records if record['caught'] != _SYNTAX]
    escaped = [record for record in valid if record['caught'] == _ESCAPED]
    share = 1 - len(escaped) / len(valid) if valid else 1.0
    levels = sorted({record['caught'] for record in valid} - {_ESCAPED})
    rows = [_row(kind, levels, valid) for kind in sorted({record['kind'] for record in valid})]
    head = ['kind', 'put in', *levels, _ESCAPED]
    lines = ['| ' + ' | '.join(row) + ' |' for row in (head, ['---'] * len(head), *rows, _row('', levels, valid))]
    text = _TEXT.format(
        command=command,
        kinds=len(rows),
        packages=len({record['config'] for record in valid}),
        caught=len(valid) - len(escaped),
        tried=len(valid),
        share=share,
        read=sum(record['caught'] == 'code' for record in valid),
        table='\n'.join(lines),
        escaped='\n'.join(_line(record, reasons) for record in escaped) or 'None.',
    )
    return text, share


def _row(kind: str, levels: Sequence[str], records: Sequence[Mapping[str, Any]]) -> list[str]:
    """The counts of one kind, or of all where it has no name."""
    counts = Counter(record['caught'] for record in records if not kind or record['kind'] == kind)
    return [kind or '**all**', str(sum(counts.values())), *(str(counts[level]) for level in (*levels, _ESCAPED))]


def _line(record: Mapping[str, Any], reasons: Mapping[str, str]) -> str:
    change = f'`{record["before"]}` became `{record["after"]}`'.replace('\n', ' ')
    why = reasons.get(record['name'], 'not looked into')
    return f'- `{record["config"]}`, `{record["file"]}:{record["line"]}`, {record["kind"]}: {change}. {why}'
