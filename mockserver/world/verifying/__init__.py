"""What a test wants to be true of everything that happened in a sandbox, judged on demand.

A request is one check or several. `reading.py` makes them out of a document, each is a class of its
own with the fields of its document, `sight.py` is what they look at: messages in order of creation,
a few at a time, those of operations by their columns.
"""
