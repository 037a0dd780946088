"""Flattening of one live class, for ``flatten CLASS``: its source as a module that imports what it uses."""
