"""A sandbox's state out and in. PYTEST_DONT_REWRITE"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BytesIO
from os import PathLike
from typing import BinaryIO, Final, overload

from mockserver.handles.standing import Standing

Path = str | PathLike[str]

PATIENCE: Final = 600.0
"""Seconds of wall time that the server may be silent: it checks a large snapshot for a minute."""


class Saving(Standing):
    """Keeps what is in the sandbox, and brings it back."""

    @overload
    def snapshot(self) -> bytes: ...

    @overload
    def snapshot(self, file: Path | BinaryIO) -> None: ...

    def snapshot(self, file: Path | BinaryIO | None = None) -> bytes | None:
        """What is in the sandbox at this moment, for `restore`: JSON, as of `GET /_mock/snapshot`.

        Into a file, by its path or open for writing, or given back. It holds no tokens; callbacks
        on their way out are not in it.
        """
        if file is None:
            content = BytesIO()
            self._control.fetch("/snapshot", content, PATIENCE)
            return content.getvalue()
        if isinstance(file, str | PathLike):
            with _anew(file) as opened:
                self._control.fetch("/snapshot", opened, PATIENCE)
        else:
            self._control.fetch("/snapshot", file, PATIENCE)
        return None

    def restore(self, snapshot: bytes | Path | BinaryIO) -> None:
        """Go on from a snapshot: its content, a file's path, or a file open for reading.

        Its first account becomes this sandbox's own; on a frozen clock its time is the present.
        Raise `ControlError` for what is no snapshot, and then nothing has changed.
        """
        if isinstance(snapshot, str | PathLike):
            with open(snapshot, "rb") as opened:
                self._control.send("PUT", "/snapshot", opened, PATIENCE)
        else:
            self._control.send("PUT", "/snapshot", snapshot, PATIENCE)


@contextmanager
def _anew(file: Path) -> Iterator[BinaryIO]:
    """A file to be written; what was there before stays until all of it is."""
    name = os.fspath(file)
    draft = f"{name}.{os.getpid()}.part"
    try:
        with open(draft, "wb") as opened:
            yield opened
        os.replace(draft, name)
    except BaseException:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
