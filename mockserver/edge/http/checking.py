"""`--check-responses`: every answer against its schema, for whoever changes the mock."""

import json
from functools import lru_cache
from typing import Any

import jsonschema_rs

from mockserver.edge.http.call import Reply
from mockserver.world.schema_files import load


def breaches(schema: str, reply: Reply) -> list[str]:
    """What an answer breaks, a sentence each; a list's records are checked one by one."""
    if not schema or not reply.body or reply.error:
        return []
    document = json.loads(reply.body)
    lists = [value for value in document.values() if isinstance(value, list)]
    records = lists[0] if lists and not document.keys() & {"sid", "id"} else [document]
    return [
        f"this answer breaks {schema}: {error.message}"
        for record in records
        for error in _validator(schema).iter_errors(record)
    ]


@lru_cache(64)
def _validator(schema: str) -> Any:
    return jsonschema_rs.Draft202012Validator(load(schema))
