"""What the fresh interpreter runs: import and build a pack where the packages it came from cannot be imported.

It is put on the path as ``child``, by itself: nothing here imports the program that wrote the pack, which is blocked
too. The process ends with the answer, so what is replaced in libraries (reading data) stays replaced.
"""
