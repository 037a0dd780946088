"""The table of a sweep, in Markdown."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from importlib.metadata import PackageNotFoundError, packages_distributions, version
from statistics import median
from typing import Any

from sweep_proven import proven

_FRAMEWORK = ('torch', 'mmengine', 'mmcv', 'mmpretrain')
_SHOWN = 3
_HEAD = (
    'library',
    'configs',
    'tried',
    'buildable here',
    'exported',
    'alone and equal',
    'passed',
    'same initial weights',
    'seconds',
    'lines',
)

_TEXT = """# The zoo

{about}\
Every config tried is exported, and the package is checked in a process where none of the libraries it came from can
be imported: it must build a model with the same `state_dict` keys in the same order and of the same shapes, the same
class name at every module path, and take the original's weights as strictly as the original does. *Buildable here*
counts the configs whose original can be built in the same environment, without a network; *exported* and *alone and
equal* count among those. *Same initial weights*: of those that passed, how many also hold bit for bit the original's
weights after building under the same seed. *Seconds* (of the export, in a process that has read the library's text
before) and *lines* (of the package's Python files) are medians.

    {command}

{versions}

{table}
{unbuildable}{proven}
## What did not pass

{failures}

## What was said

{codes}

## What cannot be built here

{references}
"""


def table(records: Sequence[Mapping[str, Any]], sizes: Mapping[str, int], command: str, about: str = '') -> str:
    """Return the whole document.

    Args:
        records: The results.
        sizes: How many configs each library has.
        command: What was run.
        about: Which configs these are, as it stands at the head.
    """
    rows = [_row(name, [each for each in records if each['library'] == name], size) for name, size in sizes.items()]
    if len(rows) > 1:
        rows.append(_row('all', records, sum(sizes.values())))
    buildable = [record for record in records if record['reference']['ok']]
    unbuildable = [record for record in records if not record['reference']['ok']]
    return _TEXT.format(
        about=f'{about.strip()}\n\n' if about else '',
        command=command,
        versions=_versions(sizes),
        table=_markdown(_HEAD, rows),
        unbuildable=_bonus(unbuildable),
        proven=proven(records, list(sizes), _markdown, _plain),
        failures=_failures(buildable, ('export', 'check')) or 'Nothing.',
        codes=_codes(records),
        references=_failures(unbuildable, ('reference',)) or 'Nothing.',
    )


def _row(name: str, records: Sequence[Mapping[str, Any]], size: int) -> list[str]:
    buildable = [record for record in records if record['reference']['ok']]
    exported = [record for record in buildable if record['export']['ok']]
    passed = [record for record in exported if record['check']['ok']]
    same = [record for record in passed if not record['check']['differing_weights']]
    share = f'{100 * len(passed) / len(buildable):.1f} %' if buildable else '—'
    seconds = f'{median(record["export"]["seconds"] for record in exported):.1f}' if exported else '—'
    lines = f'{median(record["export"]["lines"] for record in exported):.0f}' if exported else '—'
    counts = [size, len(records), len(buildable), len(exported), len(passed)]
    return [name, *map(str, counts), share, str(len(same)), seconds, lines]


def _bonus(unbuildable: Sequence[Mapping[str, Any]]) -> str:
    if not unbuildable:
        return ''
    exported = [record for record in unbuildable if record['export']['ok']]
    alone = sum(record['check']['ok'] for record in exported)
    alike = sum(record['check'].get('kind') == record['reference']['kind'] for record in exported)
    return (
        f'\nOf the {len(unbuildable)} configs whose original cannot be built here, {len(exported)} are exported '
        f'all the same: {alone} of those packages build alone, and {alike} fail with the error of the original ('
        'most ask for weights or files that are not here).\n'
    )


def _markdown(head: Iterable[str], rows: Iterable[Sequence[str]]) -> str:
    head = list(head)
    lines = [head, ['---', *['---:'] * (len(head) - 1)], *rows]
    return '\n'.join(f'| {" | ".join(cells)} |' for cells in lines) + '\n'


def _versions(libraries: Iterable[str]) -> str:
    known = packages_distributions()
    found = []
    for top in (*libraries, *_FRAMEWORK):
        for name in known.get(top, ()):
            try:
                found.append(f'{name} {version(name)}')
            except PackageNotFoundError:
                continue
    return ', '.join(dict.fromkeys(found))


def _failures(records: Sequence[Mapping[str, Any]], jobs: Sequence[str]) -> str:
    """What failed, grouped by equal reasons."""
    groups: dict[tuple[str, str], list[str]] = {}
    for record in records:
        job = next((one for one in jobs if not record.get(one, {}).get('ok')), None)
        if job is not None:
            groups.setdefault((job, _reason(record[job])), []).append(record['config'])
    lines = []
    for (job, reason), configs in sorted(groups.items(), key=lambda item: (-len(item[1]), item[0])):
        shown = ', '.join(f'`{config}`' for config in configs[:_SHOWN])
        more = f' and {len(configs) - _SHOWN} more' if len(configs) > _SHOWN else ''
        lines.append(f'- **{len(configs)}** {job}: {reason}\n  ({shown}{more})')
    return '\n'.join(lines)


def _reason(answer: Mapping[str, Any]) -> str:
    """A reason without what differs from config to config: paths, numbers, addresses."""
    return f'{answer["kind"]}: {_plain(answer["reason"])}'


def _plain(reason: Any) -> str:
    text = ' '.join(str(reason).split())
    text = re.sub(r'(?<![\w.])(/[\w.+-]+){2,}/', '', text)
    text = re.sub(r'0x[0-9a-f]+|\b\d+(\.\d+)?\b', 'N', text)
    return text[:240].replace('|', '\\|')


def _codes(records: Sequence[Mapping[str, Any]]) -> str:
    """How many configs each diagnostic code came up in."""
    counts = Counter(code for record in records for code in record['export'].get('codes', ()))
    return _markdown(('diagnostic', 'configs'), [[f'`{code}`', str(count)] for code, count in counts.most_common()])
