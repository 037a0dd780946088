"""Diagnostics and exceptions that are reported to the user."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, order=True)
class Diagnostic:
    """A message with a stable code.

    Attributes:
        code: ``IE-`` and a short stable name, for example ``IE-DYNAMIC-SUPER``.
        subject: The symbol or config path that it concerns.
        message: One sentence: the finding, and its consequence for the package.
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
    """An error that the user can fix.

    Args:
        problems: All problems found, each with its location and a remedy.
    """

    def __init__(self, *problems: str) -> None:
        super().__init__('\n'.join(problems))
        self.problems = problems


class InternalError(Exception):
    """An error of this program; the message names the input that caused it."""
