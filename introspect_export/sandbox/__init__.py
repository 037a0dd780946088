"""Execution of foreign code without network, weights, data or some packages, the same for observing and verifying.

No module here imports the rest of the program, since the package is also used where that is blocked (``on_path/``).
"""
