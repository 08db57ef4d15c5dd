"""Writes `docs/coverage.md` from the code: what is served of what Twilio publishes.

    python docs/coverage.py
    python docs/coverage.py --gather FOLDER

The second reads Twilio's OpenAPI descriptions first (`twilio_api_v2010.json` and its neighbours)
and carries names over to `coverage.json`: those of operations, paths, parameters and fields. What
has no description file there stays as it is.
"""

import argparse
import json
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any, Final

import msgspec

import mockserver.edge
from mockserver.domain.market import KINDS
from mockserver.edge.api.usage import SUBRESOURCES
from mockserver.edge.http.call import Route
from mockserver.edge.http.product import Product
from mockserver.world.schema_files import folder, load

PAGE: Final = Path(__file__).with_name("coverage.md")
PUBLISHED: Final = Path(__file__).with_name("coverage.json")

ACCOUNT: Final = "/2010-04-01/Accounts/{AccountSid}"

NOT_OURS: Final = (
    *("AuthorizedConnectApps", "Calls", "Conferences", "ConnectApps", "Queues", "Recordings"),
    *("SIP", "Tokens", "Transcriptions"),
)
"""Resources of the v2010 API that messaging has nothing to do with: a line each."""

LEGACY: Final = "is of Notify's users and segments, which the descriptions have left out since 2018"

OWN: Final[Mapping[str, str]] = {
    "FetchMediaContent": "stands in for the CDN that files lie on",
    "FetchDeactivationList": "stands in for where Twilio keeps the lists",
    "FetchSchemaDocument": "stands in for events-schemas.twilio.com, which leads there too",
    **{f"{verb}User": LEGACY for verb in ("Create", "List", "Fetch", "Delete")},
    **{f"{verb}UserBinding": LEGACY for verb in ("Create", "List", "Fetch", "Delete")},
    **{f"{verb}SegmentMembership": LEGACY for verb in ("Create", "Fetch", "Delete")},
    "ListSegment": LEGACY,
    "CancelMessageOperation": "stands in for a cancellation that is documented, but not how",
    "ListMessageOperationErrors": "is named in prose alone: its shape is a guess",
    "ListMessageReceipts": "is named in prose alone: its shape is a guess",
}
"""Routes that no description knows, and why there are any."""

ALSO_AT: Final[Mapping[str, str]] = {
    "GET /v1/SenderPools/{SenderPoolId}/Senders/Operations/{OperationId}": (
        "is FetchSenderPoolOperation, where adding to a pool says that its operation is"
    ),
}
"""Second places of operations, and why there are any."""

UNDESCRIBED: Final[Mapping[str, tuple[str, ...]]] = {
    "CreateMessage": ("MessageIntent", "Tags"),
    "ListBrandVetting": ("PageSize", "Page", "PageToken"),
    "CreateIncomingPhoneNumberLocal": ("AreaCode",),
    "CreateIncomingPhoneNumberMobile": ("AreaCode",),
    "CreateIncomingPhoneNumberTollFree": ("AreaCode",),
    "UpdateSubscription": ("SinkSid",),
    "CreateApprovalCreate": ("allow_category_change",),
    "listBinding": ("PageSize", "Page", "PageToken"),
    "send": ("Segment", "ToBinding", "FacebookMessenger", "DeliveryCallbackUrl"),
}
"""Parameters that no description knows, but Twilio's pages, SDKs or errors (21457) do."""

READ_AS: Final[Mapping[str, str]] = {
    **{f"ListAvailablePhoneNumber{kind}": "ListAvailablePhoneNumber" for kind in KINDS},
    **{
        f"{verb}IncomingPhoneNumber{kind}": f"{verb}IncomingPhoneNumber"
        for verb in ("Create", "List")
        for kind in ("Local", "Mobile", "TollFree")
    },
    **{f"ListUsageRecord{span}": "ListUsageRecord" for span in SUBRESOURCES.values()},
    "CreateNewSigningKey": "CreateNewKey",
    "ListSigningKey": "ListKey",
    "UpdateSigningKey": "UpdateKey",
}
"""Operations that read their parameters by the schema of another one."""

BEHAVES: Final = "behaves"
STORED: Final = "stored"
CHECKED: Final = "checked"
NOT_SERVED: Final = "not served"
EMPTY: Final = "always empty"
BEYOND: Final = "beyond the description"

HEAD: Final = """\
# Coverage

What is served of Twilio's published API descriptions, operation by operation and field by field.
Written by `python docs/coverage.py` from the routes and schemas of the code; a test keeps it
current. Of comms.twilio.com there is no description: its names are those of Twilio's reference
pages, and every path is served below `/preview` too. Nor is there one of Twilionotify, whose names
are those of its own reference.

An operation that **behaves** takes its parameters and answers with its fields as described, but for
those that are named below its table:

- **stored**: kept and shown again; what else it does at Twilio does not happen here.
- **checked**: read, and refused where Twilio refuses it; otherwise it has no effect.
- **not served**: a parameter is ignored; a field is not in the answer.
- **always empty**: a field that never has a value.
- **beyond the description**: read, or answered, though the description does not have it.

What is not on this page is not served either: it is answered with Twilio's 404 (20404). In calls,
`…` stands for `/2010-04-01/Accounts/{AccountSid}`.
"""


# What Twilio publishes


class Operation(msgspec.Struct, frozen=True, omit_defaults=True):
    """An operation of a description."""

    call: str
    """Method and path, without `.json`: `GET /v1/Services`."""
    parameters: tuple[str, ...] = ()
    """But for those of the path."""
    record: str = ""
    """What is answered, or listed; "" for nothing that has named fields."""


class Description(msgspec.Struct, frozen=True, omit_defaults=True):
    """One version of one host's API."""

    source: str
    operations: dict[str, Operation]
    """By operationId."""
    records: dict[str, tuple[str, ...]] = {}
    """Names of fields."""
    left_out: dict[str, int] = {}
    """How many operations the resources have that are `NOT_OURS`."""


def published() -> dict[str, Description]:
    """By host and version, as folders of schemas are called: `messaging/v1`, `twilionotify`."""
    return msgspec.json.decode(PUBLISHED.read_bytes(), type=dict[str, Description])


def gathered(oai: Path) -> dict[str, Description]:
    """The same, of the description files in a folder."""
    found = {}
    for path in sorted(oai.glob("twilio_*_v*.json")):
        document = json.loads(path.read_text("utf-8"))
        host, version = path.stem.split("_")[1], next(iter(document["paths"])).split("/")[1]
        found[f"{host}/{version}"] = _described(path.name, document)
    return found


def _described(source: str, document: Mapping[str, Any]) -> Description:
    operations, left_out = {}, Counter[str]()
    records: dict[str, tuple[str, ...]] = {}
    for call, described in _calls(document):
        if ACCOUNT in call and heading(call) in NOT_OURS:
            left_out[heading(call)] += 1
            continue
        record, fields = _answer(document, described)
        if fields:
            records[record] = fields
        names = tuple(_parameters(document, described))
        operations[described["operationId"]] = Operation(call, names, record if fields else "")
    return Description(source, operations, records, dict(left_out))


def _calls(document: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for path, item in document["paths"].items():
        for verb in ("post", "get", "put", "patch", "delete"):
            if verb in item:
                yield f"{verb.upper()} {path.removesuffix('.json')}", item[verb]


def _parameters(document: Mapping[str, Any], described: Mapping[str, Any]) -> Iterator[str]:
    for raw in described.get("parameters", ()):
        parameter = _resolved(document, raw)[1]
        if parameter["in"] != "path":
            yield parameter["name"]
    for content in described.get("requestBody", {}).get("content", {}).values():
        yield from _resolved(document, content["schema"])[1].get("properties", ())


def _answer(
    document: Mapping[str, Any], described: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """The name of what is answered, and its fields; of a list, those of what it lists."""
    codes = sorted(code for code in described["responses"] if code[0] in "23")
    contents = [described["responses"][code].get("content") for code in codes]
    if not any(contents):
        return "", ()
    name, schema = _resolved(document, contents[0]["application/json"]["schema"])
    fields = schema.get("properties", {})
    lists = [each for each in fields.values() if each.get("type") == "array"]
    if len(lists) == 1 and fields.keys().isdisjoint({"sid", "account_sid"}):
        name, schema = _resolved(document, lists[0].get("items", {}))
    return name or described["operationId"], tuple(schema.get("properties", ()))


def _resolved(document: Mapping[str, Any], node: Mapping[str, Any]) -> tuple[str, Any]:
    """What a node refers to, and the name of that; the node itself, without one, otherwise."""
    if "$ref" not in node:
        return "", node
    *places, name = node["$ref"].removeprefix("#/").split("/")
    found = document
    for place in places:
        found = found[place]
    return name, found[name]


def dumped(descriptions: Mapping[str, Description]) -> str:
    """As JSON, with a line for each operation and each record."""
    return _text(msgspec.to_builtins(descriptions), 3) + "\n"


def _text(value: Any, depth: int) -> str:
    if not depth or not isinstance(value, dict):
        return json.dumps(value)
    rows = (f"{json.dumps(name)}: {_text(each, depth - 1)}" for name, each in value.items())
    return "{\n" + ",\n".join(rows) + "\n}"


# What the code serves


def served() -> Iterator[tuple[str, Route]]:
    """Every route of every host, with the key of its description."""
    for package in iter_modules(mockserver.edge.__path__, "mockserver.edge."):
        product = getattr(import_module(package.name), "PRODUCT", None)
        if isinstance(product, Product):
            for route in product.router.routes:
                yield _key(product, route), route


def _key(product: Product, route: Route) -> str:
    """Of its description: host and version, or the name of what has no versions."""
    return f"{product.name}/{route.path.split('/')[1]}" if product.version else product.name


def request_schema(key: str, operation: str) -> str:
    """The name of the schema that an operation's parameters are read by; "" where there is none."""
    name = f"{key}/{READ_AS.get(operation, operation)}"
    return name if (folder("schemas") / f"{name}.json").exists() else ""


Notes = Mapping[str, tuple[str, ...]]
"""Names of parameters, or of fields, by what is to be said of them."""


class Entry(msgspec.Struct, frozen=True):
    """An operation of a description, and how it is served."""

    name: str
    call: str
    served: bool = False
    parameters: Notes = {}
    fields: Notes = {}


def entries(key: str, description: Description) -> list[Entry]:
    """Every operation of a description, in its order."""
    routes = {route.operation: route for each, route in served() if each == key}
    return [
        _entry(key, name, operation, description, routes.get(name))
        for name, operation in description.operations.items()
    ]


def _entry(
    key: str, name: str, described: Operation, description: Description, route: Route | None
) -> Entry:
    if route is None:
        return Entry(name, described.call)
    asked = _schema(request_schema(key, name))
    parameters = _notes(asked, described.parameters, tuple(asked.get("properties", ())))
    record = description.records.get(described.record, ())
    answered = _schema(route.schema) if record else {}
    fields = _notes(answered, record, answered.get("required", ()))
    return Entry(name, described.call, True, parameters, fields)


def _schema(name: str) -> Mapping[str, Any]:
    return load(name) if name else {}


def _notes(schema: Mapping[str, Any], described: Sequence[str], ours: Iterable[str]) -> Notes:
    """How each name is served of those that are described, and of `ours`."""
    known, found = schema.get("properties", {}), defaultdict(list)
    for name in described:
        found[_kind(known[name]) if name in known else NOT_SERVED].append(name)
    for name in ours:
        if name not in described:
            found[_kind(known[name])].append(name)
            found[BEYOND].append(name)
    return {kind: tuple(sorted(names)) for kind, names in found.items()}


def _kind(known: Mapping[str, Any]) -> str:
    """As its schema says: `x-coverage` is `stored`, `checked`, or for fields `always empty`."""
    return str(known.get("x-coverage", BEHAVES))


# The page


def page() -> str:
    """The whole of it."""
    found = {key: (each, entries(key, each)) for key, each in published().items()}
    lines = [HEAD, *_summary({key: each for key, (_, each) in found.items()})]
    for key, (description, each) in found.items():
        lines += [f"\n## {_host(key)}", *_product(each), *_left_out(description)]
    return "\n".join([*lines, *_own(), ""])


def heading(call: str) -> str:
    """The resource that a call is of: `Messages`, `Services/PhoneNumbers`."""
    words = [word for word in call.split("/")[2:] if not word.startswith("{")]
    if not _below_account(call):
        return "/".join(words[:2]) or "Operations"
    return "/".join(words[1:3] if words[1] in ("SMS", "Usage") else words[1:2])


def _below_account(call: str) -> bool:
    return f"{ACCOUNT}/" in call


def _host(key: str) -> str:
    host, _, version = key.partition("/")
    return f"{host}.twilio.com/{version}" if version else f"/{host}"


PLACEHOLDER: Final = re.compile("{[^}]+}")

SUMMED_UP: Final = (BEHAVES, STORED, CHECKED, NOT_SERVED), (BEHAVES, EMPTY, NOT_SERVED)
"""What is counted of parameters, and of fields."""


def _summary(found: Mapping[str, Sequence[Entry]]) -> Iterator[str]:
    asked, answered = SUMMED_UP
    yield from (
        "## Summary\n",
        "Parameters and fields are counted anew for each operation that is served; what is no",
        "concern of messaging is not counted.\n",
        f"| | operations | parameters: {' | '.join(asked)} | fields: {' | '.join(answered)} |",
        "|---|" + "---:|" * (1 + len(asked) + len(answered)),
    )
    for key, each in found.items():
        yield f"| {_host(key)} | {_sums(each)} |"
    yield f"| **together** | {_sums([entry for each in found.values() for entry in each])} |"


def _sums(found: Sequence[Entry]) -> str:
    there = [entry for entry in found if entry.served]
    cells = [f"{len(there)} of {len(found)}"]
    for kinds, notes in zip(SUMMED_UP, ("parameters", "fields"), strict=True):
        for kind in kinds:
            names = [name for entry in there for name in getattr(entry, notes).get(kind, ())]
            cells.append(str(len(names) or ""))
    return " | ".join(cells)


def _product(found: Sequence[Entry]) -> Iterator[str]:
    """A table for each resource of which something is served, and one for all the others."""
    resources, missing = defaultdict(list), []
    for entry in sorted(found, key=lambda entry: PLACEHOLDER.sub("{}", entry.call.split()[1])):
        resources[heading(entry.call)].append(entry)
    for name, resource in sorted(resources.items(), key=lambda item: item[0].lower()):
        if any(entry.served for entry in resource):
            yield f"\n### {name}\n"
            yield from ("| operation | call | |", "|---|---|---|", *map(_row, resource))
            yield from _remarks(resource)
        else:
            missing += resource
    if missing:
        yield from ("\n### Not served\n", *(f"- {_call(each)} {each.name}" for each in missing))


def _row(entry: Entry) -> str:
    return f"| {entry.name} | {_call(entry)} | {_verdict(entry)} |"


def _call(entry: Entry) -> str:
    shown = entry.call.replace(ACCOUNT, "…") if _below_account(entry.call) else entry.call
    return f"`{shown}`"


def _verdict(entry: Entry) -> str:
    if not entry.served:
        return NOT_SERVED
    return "behaves, see below" if {*entry.parameters, *entry.fields} - {BEHAVES} else BEHAVES


def _remarks(resource: Iterable[Entry]) -> Iterator[str]:
    """What does not go without saying, once for all operations of which it is true."""
    found = defaultdict(list)
    for entry in resource:
        for what, notes in (("of", entry.parameters), ("in answers of", entry.fields)):
            for kind, names in notes.items():
                if kind != BEHAVES:
                    found[what, kind, names].append(entry.name)
    if found:
        yield ""
    for (what, kind, names), operations in sorted(found.items(), key=_place):
        yield f"- **{kind}** {what} {', '.join(operations)}: `{'`, `'.join(names)}`"


ORDER: Final = (STORED, CHECKED, NOT_SERVED, EMPTY, BEYOND)


def _place(remark: tuple[tuple[str, str, tuple[str, ...]], list[str]]) -> tuple[bool, int]:
    what, kind, _ = remark[0]
    return what != "of", ORDER.index(kind)


def _left_out(description: Description) -> Iterator[str]:
    if description.left_out:
        yield "\n### Not served, and no concern of messaging\n"
        for resource, count in description.left_out.items():
            yield f"- {resource}: {count} operation{'s' if count > 1 else ''}"


def _own() -> Iterator[str]:
    yield "\n## Beyond the descriptions\n"
    for _, route in served():
        if route.operation in OWN:
            yield f"- `{route.method} {route.path}` {OWN[route.operation]}"
    yield from (f"- `{call}` {why}" for call, why in ALSO_AT.items())


def main() -> None:
    """Write the page, and before that the names where a folder is given."""
    parser = argparse.ArgumentParser(description="Write docs/coverage.md.")
    parser.add_argument("--gather", type=Path, metavar="FOLDER", help="of OpenAPI descriptions")
    if (oai := parser.parse_args().gather) is not None:
        PUBLISHED.write_text(dumped({**published(), **gathered(oai)}), encoding="utf-8")
    PAGE.write_text(page(), encoding="utf-8")


if __name__ == "__main__":
    main()
