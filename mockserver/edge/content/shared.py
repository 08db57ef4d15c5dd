"""What the resources of this host have in common: bodies, dates, lists."""

import asyncio
import json
from collections.abc import Callable
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

from mockserver.domain.content import ContentTemplate
from mockserver.domain.content.review import submission_of
from mockserver.domain.content.rules import check, without_nulls
from mockserver.domain.content.search import Search, read_search, unreadable
from mockserver.domain.content.shown import shown
from mockserver.domain.json_faults import refuse
from mockserver.domain.message import SECOND
from mockserver.domain.paging import Page, read_page
from mockserver.edge.http.call import Call, Reply
from mockserver.edge.http.json_body import read_object
from mockserver.edge.http.listing import meta_envelope
from mockserver.edge.http.resource import Ask, schema
from mockserver.world.content import made_at
from mockserver.world.documents import DocumentSchema, document_schema
from mockserver.world.expressions import expression
from mockserver.world.schema_files import load

FOLDER: Final = "content/v1"

Document = dict[str, Any]
Render = Callable[[Call, ContentTemplate], Document]


def find(call: Call) -> ContentTemplate:
    """The template that the path names, or 20404."""
    template = call.sandbox.templates.one(call.account, call.params["Sid"])
    if template is None:
        raise call.missing()
    return template


# Bodies


def read(call: Call, operation: str) -> Document:
    """The body by the operation's schema; raise `TwilioError` 20001, or a property's code."""
    return _read(call, operation, without_nulls(read_object(call)))


def read_content(call: Call, operation: str, *, new: bool) -> Document:
    """The body of a template, its types checked too; raise `TwilioError` 92001 to 92008, 20001.

    What a type has beyond what is known of it is kept as it is.
    """
    asked = without_nulls(read_object(call))
    check(asked, new=new)
    document = _read(call, operation, asked)
    refuse(_types().read({"types": asked["types"]}).faults)
    return document


def _read(call: Call, operation: str, asked: Document) -> Document:
    reading = document_schema(f"{FOLDER}/{operation}").read(asked)
    call.warnings.extend(reading.notes)
    refuse(reading.faults)
    document: Document = reading.value
    return document


@lru_cache(1)
def _types() -> DocumentSchema:
    return DocumentSchema({"properties": {"types": load("content/types")}})


# Answers


def reply(status: int, document: Document) -> Reply:
    """A record."""
    return Reply(status, json.dumps(document).encode())


def fields(template: ContentTemplate) -> Document:
    """What all answers about a template begin with."""
    return {
        "sid": template.sid,
        "account_sid": template.account_sid,
        "friendly_name": template.friendly_name,
        "language": template.language,
        "variables": template.variables,
        "types": shown(template.types),
    }


def dates(call: Call, template: ContentTemplate) -> Document:
    """Those of its creation and its last change; WhatsApp's review changes nothing."""
    made = made_at(template, call.sandbox.accounts)
    return {"date_created": _date(made), "date_updated": _date(template.updated_at or made)}


def _date(at: int) -> str:
    return f"{datetime.fromtimestamp(at // SECOND, UTC):%Y-%m-%dT%H:%M:%SZ}"


def approval(template: ContentTemplate) -> Document:
    """What was handed in to WhatsApp, and what it says of it."""
    given = submission_of(template)
    return {
        "name": given.name,
        "category": given.category,
        "content_type": given.content_type,
        "status": template.approval,
        "rejection_reason": given.rejection_reason,
        "allow_category_change": given.allow_category_change,
    }


# Lists

RENDERED: Final = 100
"""Templates of a list that are written at a stretch, large as they may be; ours."""


async def listed(
    call: Call, path: str, operation: str, render: Render, *, legacy: bool = False
) -> Reply:
    """A page of the list at `path`; raise `TwilioError` 20001, 20007, 21481.

    With `legacy` only templates that were there before there were content templates.
    """
    asked = _ask(call, f"content{path[: path.rindex('/')]}/{operation}")
    search = Search(legacy=legacy) if legacy else read_search(asked.filters, expression)
    found, more = call.sandbox.templates.search(call.account, asked.page, search, asked.filters)
    filters = [
        (name, text)
        for name, value in asked.filters.items()
        for text in (value if isinstance(value, list) else [value])
    ]
    page = Page(f"{call.base_url}{path}", filters, asked.page, [each.sid for each in found], more)
    rendered = []
    for count, each in enumerate(found, 1):
        rendered.append(json.dumps(render(call, each)).encode())
        if count % RENDERED == 0:
            await asyncio.sleep(0)  # others have their turn
    return Reply(200, meta_envelope(page, "contents", rendered))


def _ask(call: Call, name: str) -> Ask:
    """The query, its filters in the order of the schema."""
    reading = call.read_query(schema(name))
    for wrong in reading.wrong:
        raise unreadable(wrong)
    values = reading.values
    page, size, token = (str(values.pop(each, "")) for each in ("Page", "PageSize", "PageToken"))
    filters = {each: values[each] for each in load(name)["properties"] if each in values}
    return Ask(read_page(page, size, token, None), filters)
