"""Every kind of gateway event, as Discord sends it, through the SDK into what is stored."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from adapters.discord.inbound import parse
from adapters.discord.updates import loads
from benchmarks.fuzzing.discord import Gateway
from tests.adapters.discord.gateway_events import EVENTS

SILENT = {
    "MESSAGE_POLL_VOTE_ADD", "MESSAGE_POLL_VOTE_REMOVE", "GUILD_MEMBER_ADD", "GUILD_MEMBER_REMOVE", "CHANNEL_CREATE",
    "CHANNEL_UPDATE", "CHANNEL_DELETE", "GUILD_ROLE_UPDATE", "THREAD_CREATE", "THREAD_UPDATE", "THREAD_DELETE",
    "THREAD_MEMBERS_UPDATE",
}  # fmt: skip
"""Told to the adapter, which asks before it stores anything."""


@pytest.fixture(scope="module")
def gateway() -> Iterator[Gateway]:
    made = Gateway()
    yield made
    made.close()


def test_each_is_taken_in_without_an_error(gateway: Gateway) -> None:
    kinds: list[str] = []
    for event in EVENTS:
        rows = gateway.hear(event)
        kinds += [loads(row).kind for row in rows]
        assert all(parse(row) is not None or loads(row).kind == "post" for row in rows)
        autocomplete = event["d"].get("type") == 4
        assert bool(rows) != (event["t"] in SILENT or autocomplete), event
    assert {"post", "edit", "delete", "react", "clear", "votes", "command", "press", "form"} <= set(kinds)


def test_an_id_that_names_no_time_is_refused_and_the_next_event_is_heard(gateway: Gateway) -> None:
    event = EVENTS[0]
    with pytest.raises(ValueError, match="cannot be read"):
        gateway.hear({**event, "d": {**event["d"], "id": str(2**100)}})
    assert gateway.hear(event)
