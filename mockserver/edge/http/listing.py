"""v2010 lists as JSON: the envelope around records that are rendered already."""

from collections.abc import Sequence
from json.encoder import encode_basestring_ascii as quoted

from mockserver.domain.paging import Page


def envelope(page: Page, key: str, fragments: Sequence[bytes]) -> bytes:
    """The answer of a list; the keys in the order in which they were captured."""
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


def _text(value: str | None) -> bytes:
    return b"null" if value is None else quoted(value).encode()
