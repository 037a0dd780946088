"""Faults for the flattener, one for each of its rules."""

from __future__ import annotations

# name: (file below ``linearize``, text, what it becomes)
LINEARIZE = {
    'super finds the first definer': (
        'resolve.py', 'self._lineage.after(access.attribute, start)', 'self._lineage.first(access.attribute)',
    ),
    'super finds its own class': ('mro.py', 'at = bisect_right(found, index)', 'at = bisect_left(found, index)'),
    "parent's name means the chain's order": (
        'resolve.py', 'self._lineage.own(name, position)', 'self._lineage.after(name, position - 1)',
    ),
    'no second name for winners': ('naming.py', 'return Naming(name, alias)', 'return Naming(name)'),
    'private names stay short': (
        'changes.py', 'edits.extend(Edit(span.start, span.end, mangled)', 'list(Edit(0, 0, mangled)',
    ),
    '__new__ is not declared static': ('changes.py', 'and name in CLASS_FIRST and', 'and name in () and'),
    'every decorator may be renamed': (
        'naming.py', 'return all(_is_blind(module, each) for each in decorators)', 'return True',
    ),
    'names behind a library class stay': ('edit.py', "lines.append(f'del {naming.text}')", 'pass'),
    'leaf always first': ('order.py', 'if not needed and not fields and _holds', 'if True or _holds'),
    'library classes in front do not matter': ('checks.py', '(interleaved_refusals, naming_refusals)', '(naming_refusals,)'),
    'skipped library classes do not matter': (
        'resolve.py', 'return self._first_standing[name] == found', 'return True',
    ),
    'attribute hooks do not matter': ('resolve.py', 'self._own_getattr = any(', 'self._own_getattr = False and any('),
    'bases the wrong way round': ('header.py', '    return tuple(found)\n', '    return tuple(reversed(found))\n'),
    'class bodies read the winner': (
        'changes.py', 'if naming is not None and naming.text != each.name and not each.free:',
        'if naming is not None and naming.text != each.name and each.binds:',
    ),
    'captured globals do not matter': ('order.py', 'for chunk in chunks for use in chunk.occurrences if use.free):', 'for chunk in chunks for use in ()):'),
    'a lost decorator': ('changes.py', 'if is_abstract(each):', 'if True:'),
    'every switch is off': (
        '../observe/lookups.py', '    if value is not False:\n        return False\n', '    return True\n',
    ),
    'everything only passes on': (
        'interleaved.py', 'return plain and only_self and not others and own and', 'return True or (own) and',
    ),
    'what is looked up does not matter': (
        'interleaved.py', 'if found is None or not setting.is_merged(found) or', 'if True or',
    ),
    'lists of names do not matter': ('told.py', 'if not own or held !=', 'if False and held !='),
    'told members may be renamed': (
        'resolve.py', "if kind in ('slot', 'cached', 'named', 'told') and", "if kind in ('slot', 'cached', 'named') and",
    ),
    'metaclasses do not matter': ('checks.py', 'if leaf.metaclass_acts:', 'if False and leaf.metaclass_acts:'),
    'put-on methods do not matter': ('patched.py', '    yield from _put_on_it(setting)\n', ''),
    'assignments elsewhere do not matter': ('patched.py', '    yield from _assigned_elsewhere(setting)\n', ''),
    'constants may be other ones': ('patched.py', '    yield from _other_constants(setting)\n', ''),
    'variables around do not matter': (
        'plan.py', 'seen_around(self.setting.statements[index]) if self.setting.alone else ()', '()',
    ),
    'a local name is the global': ('setting.py', 'if path and is_global:', 'if path:'),
    'nothing is dedented': ('alone.py', 'if not indent:', 'if True:'),
    'strings are dedented': ('alone.py', 'number not in inside and ', ''),
    'what the text asks may be merged': (
        'answers.py',
        "if use.role == 'argument' or not isinstance(value, ABCMeta) or value not in importable or raised:",
        'if False:',
    ),
    'a rebound global is imported': ('imported.py', 'use.name in index_of(module).rebound and', 'False and'),
    'functions may hide the class': ('imported.py', 'or name not in self._bound_inside', 'or True'),
    'another class of the symbol is the ancestor': (
        'live_modules.py', 'or known.get(symbol, value) is value', 'or True',
    ),
    'a metaclass may tell a class anything': (
        '../observe/making.py', 'return plain and named and held and self._expression(name)', 'return True',
    ),
    'inlined with several callers': ('inline.py', 'if len(found) == 1', 'if found'),
    'inlined over names of the caller': ('inline.py', 'fits = not private and', 'fits = True or'),
    'inlined where variables are seen later': ('inline.py', 'kept = not stored & same or', 'kept = True or'),
    'inlined with an early return': ('inline.py', 'all(each is node.body[-1] for each in returns)', 'bool(node.body)'),
    'inlined without its return': (
        'inline.py', 'return not site.keyword.endswith', 'return True or not site.keyword.endswith',
    ),
    'inlined defaults of any kind': (
        'inline.py', 'or (name not in given and not isinstance(value, ast.Constant))', '',
    ),
    'inlined in try': ('inline.py', 'yield from _statements(part, None)', 'yield from _statements(part, ends)'),
    'inlined, its result dropped': ('splice.py', 'if keyword or not _is_idle(end.value, node):', 'if False:'),
    'inlined values bound under no name': (
        'splice.py', 'if isinstance(value, ast.Name) and value.id == name:', 'if isinstance(value, ast.Name):',
    ),
    'any typed-in text is believed': (
        'typed_in.py', '            if _makes(statement, cls):\n', '            if True:\n',
    ),
    'first argument under another name': (
        'changes.py', "f'{access.receiver.text}.{naming.reached}'", "f'self.{naming.reached}'",
    ),
}  # fmt: skip
