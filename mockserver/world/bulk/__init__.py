"""Operations of the Communications API: up to a million messages each, kept in columns.

An `Operation` owns its request (`domain/bulk/records.py`), the state of each recipient's message in
one byte, and its attempts in `Attempts`. Ids, texts, addresses and the classic twin of an attempt
are computed from (operation, place) when somebody looks: `ids`, `people`, `writing`, `shelf`.
`Bulk` holds the commands, `Work` moves operations on the sandbox's clock, `happened` tells events.
"""
