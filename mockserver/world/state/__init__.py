"""State that survives: every sandbox of a server in one file, which `--state` names.

What is kept is whatever a sandbox's tables hold (`world/tables.py`, field by field), and besides

- how the sandbox was made, and is made again by a reset: its plan (`plans.py`);
- its clock's mode and time, the rules in force, how far its scenario has come, its webhook map
  (`standing.py`);
- callbacks that nobody has answered yet (`callbacks.py`), each with its idempotency token, and
  those of calls that ring.

Journals are not: what was asked and answered, attempts at webhooks, alerts and live feeds begin
anew with the server. Nor is what is being fetched or talked about at the moment: media are fetched
again when their message goes on, and an inbound webhook that was not answered is not asked again.

Who changes a table need not know of this. Tables are written on pages that note which keys changed
(`pages.py`), by a command or a tick alike; a commit reads off what was noted since the last one
(`ledger.py`, `scribe.py`), so that one commit is one moment of the whole sandbox, never half a
command. Records that change in place are few: a notification's progress, and an operation; whoever
changes them puts them into the unit of writes, and that marks them.

What is much goes ahead of its commit (`ahead.py`): a fork, or a snapshot that is put in, is read
off in the thread that fills its tables, and written in pieces that nobody finds before a small
commit says where they are. So it is there whole or not at all. What a fork began with, for its
reset, is in the file once, under a number of its own (`origins.py`).

Commits of all sandboxes that come while the file is being written are written together, in one
transaction, by a thread of its own (`writer.py`). An answer, or a callback, leaves when the
transaction that has its changes is done. One that fails is tried again with the next, and every
second: answers say so meanwhile, callbacks wait. The file is SQLite's, with a write-ahead log and
`synchronous=NORMAL` (`file.py`): a process that is killed loses nothing that was committed; when
the machine itself loses its power, the last moments may be gone, but the file is whole.
"""

from mockserver.world.state.archive import FileArchive

__all__ = ["FileArchive"]
