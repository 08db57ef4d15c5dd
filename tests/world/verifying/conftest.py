"""Checks judged in a world of their own."""

from collections.abc import Awaitable, Callable, Mapping
from typing import TYPE_CHECKING, Any

import pytest

from mockserver.world.scenarios import from_document
from mockserver.world.tables import Unit
from mockserver.world.verifying.reading import judge
from mockserver.world.verifying.sight import Finding

if TYPE_CHECKING:
    from tests.world.conftest import World

Judge = Callable[..., Awaitable[Finding]]


async def _judge(world: "World", check: Mapping[str, Any] | None = None, **words: Any) -> Finding:
    [finding] = (await judge(world.sandbox, {**(check or {}), **words})).findings
    return finding


@pytest.fixture(scope="session", name="judge")
def _judge_fixture() -> Judge:
    """`await judge(world, final=True)`: what is found of one check."""
    return _judge


Rule = Callable[..., None]


def _scenario(world: "World", **keys: Any) -> None:
    world.sandbox.regime.put(from_document(keys), Unit())


@pytest.fixture(scope="session", name="scenario")
def _scenario_fixture() -> Rule:
    """`scenario(world, delivery=[…])`: put one in force."""
    return _scenario
