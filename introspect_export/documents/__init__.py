"""The files of a package that are not its code: scripts, notes, requirements.

Their text depends only on the facts given and on the installed distributions: not on time or machine.
"""

from introspect_export.documents.document_facts import DocumentFacts
from introspect_export.documents.installed_distributions import Distribution, Installed, installed
from introspect_export.documents.rendering import EXECUTABLE, documents

__all__ = ['EXECUTABLE', 'Distribution', 'DocumentFacts', 'Installed', 'documents', 'installed']
