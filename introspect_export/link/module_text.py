"""The text of an output module, assembled from its header, imports and parts."""

from __future__ import annotations

from introspect_export.model import PartKind, SourceModule


def join(parts: list[tuple[PartKind, str]]) -> str:
    """Join parts with the blank lines of PEP 8 between them; the docstring is left out.

    Args:
        parts: The kind and text of each part.
    """
    result: list[str] = []
    spaced = (PartKind.CLASS, PartKind.FUNCTION)
    for index, (kind, text) in enumerate(parts):
        if kind is PartKind.DOCSTRING:
            continue
        if result:
            wide = kind in spaced or parts[index - 1][0] in spaced
            result.append('\n\n\n' if wide else '\n\n' if text.startswith('#') else '\n')
        result.append(text.strip('\n'))
    return ''.join(result)


def module_text(module: SourceModule, future: list[str], imports: list[str], body: str) -> str:
    """Assemble the text of an output module.

    Args:
        module: The origin module, whose header and docstring come first.
        future: The features to import from ``__future__``.
        imports: The lines of its import statements.
        body: The text of its parts.
    """
    header = module.cut(module.header)
    first = module.parts[0] if module.parts else None
    docstring = module.cut(first.statement) if first is not None and first.kind is PartKind.DOCSTRING else ''
    top = '\n'.join(each for each in (header, docstring) if each)
    features = f'from __future__ import {", ".join(future)}' if future else ''
    head = '\n\n'.join(each for each in (features, '\n'.join(imports)) if each)
    if docstring and head:
        top += '\n'
    start = '\n'.join(each for each in (top, head) if each)
    wide = '\n\n\n' if body.startswith(('class ', 'def ', '@', 'async ')) else '\n\n'
    return (f'{start}{wide if start else ""}{body}').rstrip() + '\n'
