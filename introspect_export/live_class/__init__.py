"""One live class flattened for ``flatten CLASS``: its text as a module that imports what it needs from where it is."""
