"""The updates of one bot: which kinds it asked for, what it has confirmed, who is waiting. Knows no content."""

from __future__ import annotations

from typing import Any

from tests.telegram_server.errors import bad, conflict

Json = dict[str, Any]

KINDS = frozenset(
    (
        *("message", "edited_message", "channel_post", "edited_channel_post", "business_connection"),
        *("inline_query", "chosen_inline_result", "callback_query", "shipping_query", "pre_checkout_query"),
        *("poll", "poll_answer", "my_chat_member", "chat_member", "chat_join_request"),
        *("business_message", "edited_business_message", "deleted_business_messages", "purchased_paid_media"),
        *("message_reaction", "message_reaction_count", "chat_boost", "removed_chat_boost"),
    )
)
DEFAULT = KINDS - {"chat_member", "message_reaction", "message_reaction_count"}
"""What comes when nothing, or an empty list, was asked for."""


_OTHER = "terminated by other getUpdates request; make sure that only one bot instance is running"


class Updates:
    def __init__(self, first_id: int = 100_001) -> None:
        self.next_id = first_id
        self.waiting: list[Json] = []
        self.allowed = DEFAULT
        self.confirmed: list[int] = []
        self.handed: list[int] = []
        """Ids in the order in which getUpdates gave them out, again and again."""
        self.webhook_url = ""
        self.secret = ""
        self.turn = 0
        """Of two that ask at once the later one wins."""
        self.ended = ""
        """Why the one before the last turn was ended."""
        self.failed: tuple[int, str] | None = None
        """When the last delivery to the webhook failed, and how."""

    def add(self, kind: str, content: Json) -> Json | None:
        """None: the bot did not ask for such."""
        if kind not in self.allowed:
            return None
        update = {"update_id": self.next_id, kind: content}
        self.next_id += 1
        self.waiting.append(update)
        return update

    def allow(self, kinds: object) -> None:
        if kinds is None:
            return
        if not isinstance(kinds, list) or not all(isinstance(kind, str) for kind in kinds):
            raise bad("can't parse allowed updates")
        # Names in any case; unknown ones are skipped; with none that is known it is as if nothing was asked for.
        self.allowed = frozenset(kind.lower() for kind in kinds) & KINDS or DEFAULT

    def end_poll(self, why: str) -> None:
        """Whoever waits gets a conflict."""
        self.turn += 1
        self.ended = why

    def begin(self, offset: int, allowed: object) -> int:
        """A getUpdates has come: confirm, and end any that waits. Returns its turn."""
        if self.webhook_url:
            raise conflict(
                "can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first"
            )
        self.allow(allowed)
        if offset < 0:
            offset = self.waiting[offset]["update_id"] if len(self.waiting) >= -offset else 0
        self.confirmed += [u["update_id"] for u in self.waiting if u["update_id"] < offset]
        self.waiting = [u for u in self.waiting if u["update_id"] >= offset]
        self.end_poll(_OTHER)
        return self.turn

    def look(self, turn: int, limit: int) -> list[Json]:
        if turn != self.turn:
            raise conflict(self.ended)
        given = self.waiting[:limit]
        self.handed += [u["update_id"] for u in given]
        return given

    def push(self, raw: Json) -> None:
        """Whatever a test wants to come, also what no real platform would send."""
        update = {"update_id": self.next_id, **raw}
        self.next_id += 1
        self.waiting.append(update)
