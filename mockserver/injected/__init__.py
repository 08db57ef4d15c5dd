"""What `run` puts in front of Python and Node programs, and a test's fixture fastens by itself.

As a folder on `PYTHONPATH` it belongs to programs of any Python from 3.7 on, which need not have
this package: the modules import the standard library alone, and of that next to nothing. The file
that ends in `.cjs` is for Node: `NODE_OPTIONS` has it required.
"""
