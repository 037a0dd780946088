# Copyright (c) the toylib authors.
__version__ = '1.2.3'
