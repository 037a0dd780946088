"""The files of a package that are not its code: scripts, notes, requirements.

Everything here is a function of the facts it is given and of what is installed: no time, no machine.
"""

from introspect_export.documents.facts import DocumentFacts
from introspect_export.documents.installed import Distribution, Installed, installed
from introspect_export.documents.render import EXECUTABLE, documents

__all__ = ['EXECUTABLE', 'Distribution', 'DocumentFacts', 'Installed', 'documents', 'installed']
