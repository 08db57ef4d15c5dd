"""Lists as JSON: the envelope around records that are rendered already."""

from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted

from mockserver.domain.paging import Page


def envelope(page: Page, key: str, fragments: Sequence[bytes]) -> bytes:
    """The answer of a v2010 list; the keys in the order in which they were captured."""
    return b"".join(
        (
            b'{"end": %d, "first_page_uri": ' % page.end,
            _text(page.first_page_uri),
            b', "next_page_uri": ',
            _text(page.next_page_uri),
            b', "page": %d, "page_size": %d, "previous_page_uri": '
            % (page.ask.number, page.ask.size),
            _text(page.previous_page_uri),
            b', "%b": [' % key.encode(),
            b", ".join(fragments),
            b'], "start": %d, "uri": ' % page.start,
            _text(page.uri),
            b"}",
        )
    )


def meta_envelope(page: Page, key: str, fragments: Sequence[bytes]) -> bytes:
    """The answer of a list of the other hosts; `page` holds whole addresses."""
    return b"".join(
        (
            b'{"meta": {"page": %d, "page_size": %d' % (page.ask.number, page.ask.size),
            b', "first_page_url": ' + _text(page.first_page_uri),
            b', "previous_page_url": ' + _text(page.previous_page_uri),
            b', "next_page_url": ' + _text(page.next_page_uri),
            b', "key": "%b", "url": ' % key.encode(),
            _text(page.uri),
            b'}, "%b": [' % key.encode(),
            b", ".join(fragments),
            b"]}",
        )
    )


def _text(value: str | None) -> bytes:
    return b"null" if value is None else quoted(value).encode()
