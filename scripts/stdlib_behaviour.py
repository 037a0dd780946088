"""Run the standard library's own tests with flattened classes in place of the originals.

Each class whose merged ancestors stand in its own module is flattened and executed in that module's namespace, in the
order of definition. The tests run twice, with and without; what passes without must pass with.

Usage: python scripts/stdlib_behaviour.py [MODULE ...]
"""

from __future__ import annotations

import argparse
import ast
import contextlib
import importlib
import io
import json
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from introspect_export.model import Symbol  # noqa: E402

# module: its tests
TESTS = {
    'socketserver': 'test.test_socketserver',
    'argparse': 'test.test_argparse',
    'mailbox': 'test.test_mailbox',
    'calendar': 'test.test_calendar',
    'configparser': 'test.test_configparser',
    'optparse': 'test.test_optparse',
    'csv': 'test.test_csv',
    'string': 'test.test_string',
    'http.server': 'test.test_httpservers',
    'queue': 'test.test_queue',
    'tarfile': 'test.test_tarfile',
    'xmlrpc.client': 'test.test_xmlrpc',
    'logging.handlers': 'test.test_logging',
    'html.parser': 'test.test_htmlparser',
    'email.message': 'test.test_email.test_message',
    'difflib': 'test.test_difflib',
    'selectors': 'test.test_selectors',
    'urllib.request': 'test.test_urllib2',
}


def flatten_in_place(name: str) -> tuple[int, int]:
    """Put flattened classes in place of a module's own; return how many, and how many were refused."""
    from introspect_export.linearize import linearize
    from introspect_export.linearize.render import render
    from introspect_export.live_class.live_modules import LiveModules, binding_of
    from introspect_export.observe.chains import chain_of

    module = importlib.import_module(name)
    classes = [each for each in vars(module).values() if isinstance(each, type) and each.__module__ == name]
    done = refused = 0
    results = {}
    for cls in classes:
        modules = LiveModules(cls)
        chain = chain_of(cls, lambda home: home == name)
        flat = linearize(chain, modules, binding_of(cls), keep=asked_for(str(module.__file__), name))
        if flat.merged:
            results[cls.__qualname__] = render(flat.pieces, modules)
        refused += bool(flat.diagnostics)
    for qualname, text in results.items():
        original = vars(module)[qualname]
        exec(compile(text, str(module.__file__), 'exec', dont_inherit=True), vars(module))
        aliases = [alias for alias, value in vars(module).items() if value is original]
        vars(module).update(dict.fromkeys(aliases, vars(module)[qualname]))
        done += 1
    return done, refused


def asked_for(file: str, name: str) -> set[Symbol]:
    """The classes that a module's ``isinstance`` and ``issubclass`` name; they have no virtual subclasses, and stay."""
    found = set()
    for node in ast.walk(ast.parse(Path(file).read_text())):
        if isinstance(node, ast.Call) and getattr(node.func, 'id', '') in ('isinstance', 'issubclass'):
            names = [each for argument in node.args[1:] for each in ast.walk(argument) if isinstance(each, ast.Name)]
            found |= {Symbol(name, each.id) for each in names}
    return found


def run_tests(name: str, flatten: bool) -> None:
    """Run a module's tests in this process and print the results as JSON."""
    counts = flatten_in_place(name) if flatten else (0, 0)
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        suite = unittest.defaultTestLoader.loadTestsFromName(TESTS[name])
        result = unittest.TextTestRunner(stream=io.StringIO()).run(suite)
    bad = sorted(str(test) for test, _ in [*result.failures, *result.errors])
    print('RESULT ' + json.dumps({'run': result.testsRun, 'bad': bad, 'flat': counts[0], 'refused': counts[1]}))


def outcome(name: str, flatten: bool) -> dict[str, object]:
    """Run a module's tests in a process of their own."""
    command = [sys.executable, '-W', 'ignore', __file__, '--inside', 'flat' if flatten else 'plain', name]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=300)
    except subprocess.TimeoutExpired:
        return {'run': 0, 'bad': ['timeout'], 'flat': 0, 'refused': 0}
    lines = [line for line in done.stdout.splitlines() if line.startswith('RESULT ')]
    if not lines:
        return {'run': 0, 'bad': [done.stderr[-500:]], 'flat': 0, 'refused': 0}
    found: dict[str, object] = json.loads(lines[-1][7:])
    return found


def main() -> int:
    """Run from the command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument('modules', nargs='*', default=list(TESTS))
    parser.add_argument('--inside', choices=('plain', 'flat'))
    options = parser.parse_args()
    if options.inside:
        run_tests(options.modules[0], options.inside == 'flat')
        return 0
    worse = 0
    for name in options.modules:
        plain, flat = outcome(name, False), outcome(name, True)
        new = [each for each in _strings(flat['bad']) if each not in _strings(plain['bad'])]
        worse += len(new)
        print(
            f'{name:20} flattened {flat["flat"]}, refused {flat["refused"]}; tests {flat["run"]} of {plain["run"]}; '
            f'failing {len(_strings(flat["bad"]))}, without {len(_strings(plain["bad"]))} {new[:8]}',
            flush=True,
        )
    return 1 if worse else 0


def _strings(value: object) -> list[str]:
    return [str(each) for each in value] if isinstance(value, list) else []


if __name__ == '__main__':
    sys.exit(main())
