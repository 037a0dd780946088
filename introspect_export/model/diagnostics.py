"""What the program has to say to its user: coded diagnostics, and the two kinds of errors."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Diagnostic:
    """One sentence about one thing, under a stable code.

    Attributes:
        code: ``IE-`` and a short stable name, for example ``IE-DYNAMIC-SUPER``.
        subject: The symbol or config path it is about.
        message: One sentence: what was found and what was done about it.
        where: ``file:line`` or a config path, or empty.
    """

    code: str
    subject: str
    message: str
    where: str = ''

    def __str__(self) -> str:
        where = f' ({self.where})' if self.where else ''
        return f'{self.code} {self.subject}: {self.message}{where}'


class ExportError(Exception):
    """Something that the user can mend: what, where, and what to do, all problems at once."""

    def __init__(self, *problems: str) -> None:
        super().__init__('\n'.join(problems))
        self.problems = problems


class InternalError(Exception):
    """A fault of this program; the message names the offending text."""
