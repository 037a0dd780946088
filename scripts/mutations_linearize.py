"""Faults for the flattener, one for each of its rules."""

from __future__ import annotations

# name: (file below the program, text, what it becomes)
LINEARIZE = {
    'super finds the first definer': (
        'linearize/resolve.py', 'self._lineage.after(access.attribute, start)', 'self._lineage.first(access.attribute)',
    ),
    'super finds its own class': ('linearize/mro.py', 'at = bisect_right(found, index)', 'at = bisect_left(found, index)'),
    "parent's name means the chain's order": (
        'linearize/resolve.py', 'self._lineage.own(name, position)', 'self._lineage.after(name, position - 1)',
    ),
    'no second name for winners': ('linearize/kept_names.py', 'return KeptName(name, alias)', 'return KeptName(name)'),
    'private names stay short': (
        'linearize/statement_edits.py', 'edits.extend(Edit(span.start, span.end, mangled)', 'list(Edit(0, 0, mangled)',
    ),
    '__new__ is not declared static': ('linearize/statement_edits.py', 'and name in CLASS_FIRST and', 'and name in () and'),
    'every decorator may be renamed': (
        'linearize/kept_names.py', 'return all(_is_blind(module, each) for each in decorators)', 'return True',
    ),
    'names behind a library class stay': ('linearize/edit.py', "lines.append(f'del {naming.text}')", 'pass'),
    'leaf always first': ('linearize/order.py', 'if not needed and not fields and _holds', 'if True or _holds'),
    'library classes in front do not matter': ('linearize/checks.py', '(interleaved_refusals, naming_refusals)', '(naming_refusals,)'),
    'skipped library classes do not matter': (
        'linearize/resolve.py', 'return self._first_standing[name] == found', 'return True',
    ),
    'attribute hooks do not matter': ('linearize/resolve.py', 'self._own_getattr = any(', 'self._own_getattr = False and any('),
    'bases the wrong way round': ('linearize/header.py', '    return tuple(found)\n', '    return tuple(reversed(found))\n'),
    'class bodies read the winner': (
        'linearize/statement_edits.py', 'if naming is not None and naming.text != each.name and not each.free:',
        'if naming is not None and naming.text != each.name and each.binds:',
    ),
    'captured globals do not matter': ('linearize/order.py', 'for chunk in chunks for use in chunk.occurrences if use.free):', 'for chunk in chunks for use in ()):'),
    'a lost decorator': ('linearize/statement_edits.py', 'if is_abstract(each):', 'if True:'),
    'every switch is off': (
        'observe/library_super_calls.py', '    if value is not False:\n        return False\n', '    return True\n',
    ),
    'everything only passes on': (
        'linearize/library_mixins.py', 'return plain and only_self and not others and own and', 'return True or (own) and',
    ),
    'what is looked up does not matter': (
        'linearize/library_mixins.py', 'if found is None or not context.is_merged(found) or', 'if True or',
    ),
    'lists of names do not matter': ('linearize/set_name.py', 'if not own or current !=', 'if False and current !='),
    'told members may be renamed': (
        'linearize/resolve.py', "if kind in ('slot', 'cached', 'named', 'told') and", "if kind in ('slot', 'cached', 'named') and",
    ),
    'metaclasses do not matter': ('linearize/checks.py', 'if leaf.metaclass_acts:', 'if False and leaf.metaclass_acts:'),
    'put-on methods do not matter': ('linearize/monkeypatching.py', '    yield from _put_on_it(context)\n', ''),
    'assignments elsewhere do not matter': ('linearize/monkeypatching.py', '    yield from _assigned_elsewhere(context)\n', ''),
    'constants may be other ones': ('linearize/monkeypatching.py', '    yield from _other_constants(context)\n', ''),
    'variables around do not matter': (
        'linearize/plan.py', 'seen_around(self.context.statements[index]) if self.context.alone else ()', '()',
    ),
    'a local name is the global': ('linearize/flatten_context.py', 'if path and is_global:', 'if path:'),
    'nothing is dedented': ('linearize/standalone_text.py', 'if not indent:', 'if True:'),
    'strings are dedented': ('linearize/standalone_text.py', 'number not in inside and ', ''),
    'what the text asks may be merged': (
        'live_class/isinstance_bases.py',
        "if use.role == 'argument' or not isinstance(value, ABCMeta) or value not in importable or raised:",
        'if False:',
    ),
    'a rebound global is imported': ('live_class/imported_names.py', 'use.name in index_of(module).rebound and', 'False and'),
    'functions may hide the class': ('live_class/imported_names.py', 'or name not in self._bound_inside', 'or True'),
    'another class of the symbol is the ancestor': (
        'live_class/live_modules.py', 'or known.get(symbol, value) is value', 'or True',
    ),
    'a metaclass may tell a class anything': (
        'observe/metaclass_effects.py', 'return plain and named and held and self._expression(name)', 'return True',
    ),
    'inlined with several callers': ('linearize/inline.py', 'if len(found) == 1', 'if found'),
    'inlined over names of the caller': ('linearize/inline.py', 'fits = not private and', 'fits = True or'),
    'inlined where variables are seen later': ('linearize/inline.py', 'kept = not stored & same or', 'kept = True or'),
    'inlined with an early return': ('linearize/inline.py', 'all(each is node.body[-1] for each in returns)', 'bool(node.body)'),
    'inlined without its return': (
        'linearize/inline.py', 'return not site.keyword.endswith', 'return True or not site.keyword.endswith',
    ),
    'inlined defaults of any kind': (
        'linearize/inline.py', 'or (name not in assigned and not isinstance(value, ast.Constant))', '',
    ),
    'inlined in try': ('linearize/inline.py', 'yield from _statements(part, None)', 'yield from _statements(part, ends)'),
    'inlined, its result dropped': ('linearize/inline_text.py', 'if keyword or not _is_idle(end.value, node):', 'if False:'),
    'inlined values bound under no name': (
        'linearize/inline_text.py', 'if isinstance(value, ast.Name) and value.id == name:', 'if isinstance(value, ast.Name):',
    ),
    'any typed-in text is believed': (
        'live_class/interactive_source.py', '            if _makes(statement, cls):\n', '            if True:\n',
    ),
    'first argument under another name': (
        'linearize/statement_edits.py', "f'{access.receiver.text}.{naming.reached}'", "f'self.{naming.reached}'",
    ),
}  # fmt: skip
