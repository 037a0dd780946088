"""Where foreign code is run: without network, weights, data or some packages, alike for observing and for verifying.

Nothing here imports the rest of the program, since it also runs where that cannot be imported (``on_path/``).
"""
