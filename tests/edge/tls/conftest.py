"""An authority of a fixed day, which takes no time to look at."""

from datetime import UTC, datetime

import pytest

from mockserver.edge.tls.authority import Pair, make_authority

NOW = datetime(2026, 12, 1, tzinfo=UTC)


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture(scope="session")
def authority() -> Pair:
    return make_authority(NOW)
