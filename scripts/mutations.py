"""Faults for every stage of the program; ``mutate_program.py`` puts them in, one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from mutations_linearize import LINEARIZE

PROGRAM = 'introspect_export'


@dataclass(frozen=True)
class Mutation:
    """A fault.

    Attributes:
        stage: The stage that it is in: a folder of tests.
        name: What is wrong then.
        text: The text that is replaced; it is once in the program, or in the file.
        replacement: What it becomes.
        tests: The tests that may notice, below the stage's folder; all of them where it is empty.
        file: The file, relative to the program; where it is empty, the only one with the text.
    """

    stage: str
    name: str
    text: str
    replacement: str
    tests: str = ''
    file: str = ''

    def target(self, root: Path) -> Path:
        """The file that has the text, below the folder of the program.

        Raises:
            SystemExit: No file has it, or several: the program has changed, and this list must follow.
        """
        files = [root / PROGRAM / self.file] if self.file else sorted((root / PROGRAM).rglob('*.py'))
        found = [file for file in files if file.is_file() and self.text in file.read_text(encoding='utf-8')]
        if len(found) != 1:
            raise SystemExit(f'{self.stage}, {self.name}: {len(found)} files have {self.text!r}')
        return found[0]


MUTATIONS = (
    *(
        Mutation('linearize', name, text, replacement, file=file)
        for name, (file, text, replacement) in LINEARIZE.items()
    ),
    Mutation(
        'load',
        'configs/ in front of a name is a folder',
        'relative = path[len(_PREFIX) :] if path.startswith(_PREFIX) else path\n    for root',
        'relative = path\n    for root',
    ),
    Mutation(
        'load',
        "every folder of configs is a package's",
        "if folder.name == 'configs' and folder.parent.name == '.mim':",
        "if folder.name == 'configs':",
    ),
    Mutation(
        'load',
        'a folder is a config that is missing',
        'if os.path.isdir(file):\n        return f',
        'if False:\n        return f',
    ),
    Mutation(
        'sandbox',
        'threads of others have no network either',
        'if other is None or not other.is_alive():',
        'if True:',
        'test_network.py',
    ),
    Mutation(
        'observe',
        'a class is asked whether it is another',
        'return any(kind is each for each in kinds)',
        'return kind in kinds',
        'test_raw.py',
    ),
    Mutation(
        'observe',
        'an object says of which class it is',
        'return issubclass(type(value), kinds)',
        'return isinstance(value, kinds)',
        'test_raw.py',
    ),
    Mutation(
        'observe',
        'what is not installed is a library',
        'return top in self.owners or not is_installed(top)',
        'return top in self.owners',
        'test_boundary.py',
    ),
    Mutation(
        'observe',
        'the policy asks the shortest name only',
        "            name = name.rpartition('.')[0]\n        top = _top(module)",
        "            name = ''\n        top = _top(module)",
        'test_boundary.py',
    ),
    Mutation(
        'read',
        'except binds no name',
        '(*DEFINITIONS, ast.ExceptHandler, ast.MatchAs, ast.MatchStar)',
        '(*DEFINITIONS, ast.MatchAs, ast.MatchStar)',
    ),
    Mutation(
        'read',
        'relative imports go up one more',
        'kept = base[: len(base) - node.level + 1]',
        'kept = base[: len(base) - node.level]',
    ),
    Mutation(
        'read',
        'a comment belongs to the first of two statements',
        "if line_end > following or self.text[end:line_end].lstrip().startswith(';'):",
        'if line_end > following:',
    ),
    Mutation(
        'read',
        'columns are bytes',
        'return start + len(self.text[start:end].encode()[:column].decode())',
        'return start + column',
    ),
    Mutation(
        'read',
        'a tuple in an f-string has the braces',
        "isinstance(node, ast.Tuple) and self.text[start] == '{'",
        'False',
    ),
    Mutation('read', 'f-strings in f-strings are believed', 'and inner.lineno != inner.end_lineno:', 'and False:'),
    Mutation(
        'read',
        '+= changes nothing',
        'yield each.target.id\n        elif isinstance(each, ast.Expr)',
        'yield from ()\n        elif isinstance(each, ast.Expr)',
    ),
    Mutation(
        'reach',
        'a class that keeps its chain is flattened',
        "if symbol in self.kept or self.mode == 'none':",
        "if self.mode == 'none':",
    ),
    Mutation(
        'reach',
        'writing to a table reads it',
        'stored = isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Store)',
        'stored = isinstance(node, ast.Subscript) and False',
        'test_small_projects.py',
    ),
    Mutation(
        'link',
        'a tuple of one is none',
        '({self._row(value)}{"," if len(value) == 1 else ""})',
        '({self._row(value)})',
        'test_config_values.py',
    ),
    Mutation(
        'link',
        'numbers are finite',
        'return repr(value) if math.isfinite(value) else',
        'return repr(value) if True else',
        'test_config_values.py',
    ),
    Mutation(
        'link',
        'all imports of a circle can wait',
        'if other in cycle and not eager)',
        'if other in cycle)',
        'test_pieces_of_linking.py',
    ),
    Mutation('link', 'tables need not be full', 'needs[module].add(filler)', 'pass', 'test_pieces_of_linking.py'),
    Mutation(
        'link',
        'two modules have one path',
        'if path in taken or not path:',
        'if not path:',
        'test_pieces_of_linking.py',
    ),
    Mutation(
        'link',
        'a module is its own package',
        '        home = home[:-1]\n',
        '        pass\n',
        'test_pieces_of_linking.py',
    ),
    Mutation(
        'documents',
        'an address is below the data',
        " or '://' in path else posixpath",
        ' else posixpath',
        'test_documents_data.py',
    ),
    Mutation(
        'documents',
        'weights come first',
        'known = {posixpath.normpath(path) for path, _ in found}',
        "found = {(path, 'weights'): [where] for path, where in _weights(config, '')} | found\n    known = {posixpath.normpath(path) for path, _ in found}",
        'test_documents_data.py',
    ),
    Mutation('documents', 'what is written is data', ' and not _OUTPUT_KEY.match(key):', ':', 'test_documents_data.py'),
    Mutation('documents', 'local versions are required', "seen.partition('+')[0]", 'seen'),
    Mutation('emit', 'links are followed', 'if out.is_symlink():', 'if False:'),
    Mutation('emit', 'what holds the working folder is replaced', ' or whole in _real(Path(path)).parents)', ')'),
    Mutation('emit', 'what was added is lost', '    if changed:\n        more', '    if False:\n        more'),
    Mutation(
        'emit',
        'a refused package stays in its place',
        '            _exchanged(new, out)\n            raise',
        '            raise',
    ),
    Mutation('emit', 'a file loses its mode', 'new.chmod(stat.S_IMODE(mode))', 'pass'),
    Mutation(
        'verify',
        'the shorter list decides',
        'if len(mine) != len(other):\n                yield',
        'if False:\n                yield',
        'test_verify_compare.py',
    ),
    Mutation(
        'verify',
        'the order of keys is nothing',
        'if names[0] != names[1]:\n            yield',
        'if set(names[0]) != set(names[1]):\n            yield',
        'test_verify_compare.py',
    ),
    Mutation(
        'verify',
        'the dtype is nothing',
        'if original.dtype != pack.dtype or original.shape',
        'if original.shape',
        'test_verify_compare.py',
    ),
    Mutation(
        'verify',
        'what is lazy is compared as it is stored',
        'tensor.clone(memory_format=torch.contiguous_format).reshape(-1)',
        'tensor.reshape(-1)',
        'test_verify_compare.py',
    ),
    Mutation(
        'verify',
        'unknown types are new ones',
        'and scope in origins and text.value not in unknown:',
        'and scope in origins:',
        'test_verify_static.py',
    ),
    Mutation(
        'verify',
        'relative imports are absolute',
        'if node.module and not node.level else []\n    if isinstance(node, ast.Call)',
        'if node.module else []\n    if isinstance(node, ast.Call)',
        'test_verify_static.py',
    ),
    Mutation('inspect', 'text can end the script', ".replace('<', '\\\\u003c')", '', 'test_page.py'),
    Mutation(
        'inspect', 'another version is a snapshot', "if one.get('schema') != SCHEMA:", 'if False:', 'test_questions.py'
    ),
    Mutation(
        'inspect',
        'all of a subtree is told',
        "if not any(path.startswith(f'{other}.') for other in alone)]",
        ']',
        'test_questions.py',
    ),
    Mutation(
        'tiny_data',
        'accesses of copies are not recorded',
        'if self._trace is None or type(sample) is not dict:',
        'if True:',
        'test_synthetic_samples.py',
    ),
    Mutation(
        'carry',
        'what the model is built upon is its own',
        'tops if each not in extensions or each == _top(type(model))',
        'tops if True or each == _top(type(model))',
        'test_origins.py',
    ),
    Mutation(
        'batch',
        'a comment is a config',
        "name = line.partition('#')[0].strip()",
        'name = line.strip()',
        'test_config_patterns.py',
    ),
    Mutation(
        'batch',
        'nothing need match',
        "problems.append(f'{pattern}: no config matches')",
        'pass',
        'test_config_patterns.py',
    ),
    Mutation('cli', 'a full disk is our fault', '_NO_ROOM = {errno.ENOSPC, ', '_NO_ROOM = {', 'test_cli.py'),
    Mutation(
        'cli',
        'being interrupted again is raised again',
        'signal.signal(each, signal.SIG_IGN)',
        'pass',
        'test_termination.py',
    ),
    Mutation(
        'cli',
        'requests that are ignored are handled',
        ' if main and signal.getsignal(number) is signal.SIG_DFL]',
        ' if main]',
        'test_termination.py',
    ),
    Mutation(
        'substitutes',
        'samples without a class have a loss',
        'return torch.where(target >= 0, weighted, torch.zeros_like(weighted))',
        'return weighted',
    ),
    Mutation(
        'substitutes',
        'the gradient of a region goes to the first image',
        'rows = rois[:, 0].long()[:, None] * channels + ',
        'rows = 0 * rois[:, 0].long()[:, None] + ',
    ),
    Mutation(
        'substitutes',
        'the maximum of a region is its average',
        'if pool_mode != 1:',
        'if False:',
    ),
    Mutation(
        'substitutes',
        'the overlap is that of the union twice',
        'areas[0][near] + areas[1][near] - common',
        'areas[0][near] + areas[1][near]',
    ),
    Mutation(
        'substitutes',
        'what has no portable form does nothing',
        "raise NotImplementedError(f'{name} has no portable form')",
        'return None',
    ),
)
