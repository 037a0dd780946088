"""The code that runs in verifying interpreters, where the origins and this program cannot be imported.

No module here imports the rest of the program, except for ``sandbox``, by relative imports: it is imported as
``introspect_export_isolated.verify.child`` (``sandbox/on_path``). The process ends after its answer, so patches of
libraries need not be undone.
"""
