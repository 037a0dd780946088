"""The part of a sweep's table that says what was shown of packages beside their originals, in Markdown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sweep_prove import COMPARED

_MARKS = {'shown': 'yes', 'failed': '**no**', 'not shown': '—'}
_SHOWN = 3

_TEXT = """
## Proven the same

Original and package each run in a process of their own, in float32 on one thread of a CPU, with the same weights, seeds
and made-up data. *state*: the same keys, shapes, types, classes, and values of a model that was just built; each loads
the other's checkpoint as strictly as the original does. *initialized*: of these, those with the same values after
`init_weights`, too; of the others, the original's own cannot be initialized here. *objects*: all sections hold the same
once they are built, hooks in their order, parameters with what they are updated with. *forward*: the modes `tensor` and
`predict` give the same bits, and so does every module on the way. *train*: two steps through the config's own optimizer
wrapper and schedulers log the same losses and leave the same gradients and parameters, bit for bit. *evaluate*: where
thresholds bite predictions are the same, and so is what the config's evaluators find in them. *code*: the syntax trees
of all functions, also such that never ran, are the original's but for what flattening changes. *data*: data sets
and pipelines give the same for the same index and seed. What cannot be shown here is not counted as shown; the reasons
are below. A level that was not tried for all says for how many. *CPU* is the median of the seconds that both took
together.

{summary}
{folders}

{configs}
### Why not

{reasons}
"""


def proven(
    records: Sequence[Mapping[str, Any]],
    libraries: Sequence[str],
    markdown: Callable[[Sequence[str], Sequence[Sequence[str]]], str],
    plain: Callable[[Any], str],
) -> str:
    """Return the part of the document, or nothing where no package was compared.

    Args:
        records: The results.
        libraries: The libraries, in the order of the table.
        markdown: Makes a table of a head and rows.
        plain: Takes out of a reason what differs from config to config.
    """
    compared = [record for record in records if 'prove' in record]
    if not compared:
        return ''
    rows = [_row(name, [one for one in compared if one['library'] == name]) for name in libraries]
    rows = [row for row in rows if row[1] != '0']
    if len(rows) > 1:
        rows.append(_row('all', compared))
    head = ['library', 'compared', COMPARED[0], 'initialized', *COMPARED[1:], 'at *train*', 'different', 'CPU']
    each = [_config(record) for record in sorted(compared, key=lambda record: str(record['config']))]
    return _TEXT.format(
        summary=markdown(head, rows),
        folders=_folders(compared),
        configs=markdown(['config', *COMPARED], each),
        reasons=_reasons(compared, plain) or 'Nothing was left out.',
    )


def _row(name: str, records: Sequence[Mapping[str, Any]]) -> list[str]:
    levels = [record['prove'].get('levels', {}) for record in records]
    state, *others = (_count(levels, level) for level in COMPARED)
    trained = sum(_outcome(one, 'train') == 'shown' for one in levels)
    initialized = sum(record['prove'].get('initialized', False) for record in records)
    share = f'{100 * trained / len(records):.1f} %' if records else '—'
    different = sum(not record['prove']['ok'] for record in records)
    seconds = sorted(record['prove'].get('cpu', 0.0) for record in records)
    median = f'{seconds[len(seconds) // 2]:.0f}' if seconds else '—'
    return [name, *map(str, [len(records), state, initialized, *others]), share, str(different), median]


def _count(records: Sequence[Mapping[str, Sequence[str]]], level: str) -> str:
    """For how many a level is shown, and of how many where it was not tried, nor one before it failed, for all."""
    before = COMPARED[: COMPARED.index(level)]
    tried = [one for one in records if level in one or any(_outcome(one, each) == 'failed' for each in before)]
    shown = sum(_outcome(one, level) == 'shown' for one in tried)
    return str(shown) if len(tried) == len(records) else f'{shown} of {len(tried)}'


def _folders(records: Sequence[Mapping[str, Any]]) -> str:
    """How many folders of configs have one that is shown to train the same."""
    trained = [record for record in records if _outcome(record['prove'].get('levels', {}), 'train') == 'shown']
    count, shown = (len({str(one['config']).rpartition('/')[0] for one in some}) for some in (records, trained))
    share = f'{shown} ({100 * shown / count:.1f} %)'
    return f'Of the {count} folders with a config that was compared, {share} have one that is shown at *train*.'


def _outcome(levels: Mapping[str, Sequence[str]], level: str) -> str:
    return levels[level][0] if level in levels else ''


def _config(record: Mapping[str, Any]) -> list[str]:
    levels = record['prove'].get('levels', {})
    return [f'`{record["config"]}`', *(_MARKS.get(_outcome(levels, level), '') for level in COMPARED)]


def _reasons(records: Sequence[Mapping[str, Any]], plain: Callable[[Any], str]) -> str:
    """What was not shown, grouped by equal reasons."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record in records:
        for level, (outcome, reason) in record['prove'].get('levels', {}).items():
            if outcome != 'shown':
                groups.setdefault((f'{level} {outcome}', plain(reason)), []).append(record['config'])
    lines = []
    for (level, reason), configs in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        shown = ', '.join(f'`{config}`' for config in configs[:_SHOWN])
        more = f' and {len(configs) - _SHOWN} more' if len(configs) > _SHOWN else ''
        lines.append(f'- **{len(configs)}** {level}: {reason}\n  ({shown}{more})')
    return '\n'.join(lines)
