"""A small Discord that speaks real HTTP and a real web socket: login, gateway, interactions, webhooks, channels.

For what a simulation inside the process replaces: addresses, the hand-shake, what goes over the wire. It knows one
server with one channel, and remembers every request.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from aiohttp import WSMsgType, web

APP, BOT, GUILD, CHANNEL, LIN = "100", "100", "200", "300", "400"
_API = "/api/v10"


@dataclass
class SmallDiscord:
    """`fails`: (method, path ending) -> answers to give first, as (status, body, headers). `history`: of its channel;
    `forgets`: a broken connection cannot be taken up again."""

    requests: list[tuple[str, str, Any]] = field(default_factory=list)
    fails: dict[tuple[str, str], list[tuple[int, dict[str, Any], dict[str, str]]]] = field(default_factory=dict)
    identified: list[dict[str, Any]] = field(default_factory=list)
    resumed: list[dict[str, Any]] = field(default_factory=list)
    history: list[dict[str, Any]] = field(default_factory=list)
    forgets: bool = False
    port: int = 0
    _numbers: Any = field(default_factory=lambda: count(1000))
    _socket: web.WebSocketResponse | None = None
    _sequence: int = 0

    @property
    def rest(self) -> str:
        return f"http://127.0.0.1:{self.port}{_API}"

    @property
    def gateway(self) -> str:
        return f"ws://127.0.0.1:{self.port}/gateway"

    async def say(self, event: str, payload: dict[str, Any]) -> None:
        assert self._socket is not None
        self._sequence += 1
        await self._socket.send_json({"op": 0, "t": event, "s": self._sequence, "d": payload})

    async def drop(self) -> None:
        """The connection breaks; it may be taken up again."""
        assert self._socket is not None
        await self._socket.close(code=4000)

    def asked(self, method: str, ending: str) -> list[Any]:
        return [body for verb, path, body in self.requests if verb == method and path.endswith(ending)]

    async def _rest(self, request: web.Request) -> web.Response:
        path = request.path.removeprefix(_API)
        body = await request.json() if request.can_read_body else None
        self.requests.append((request.method, path, body))
        for (method, ending), answers in self.fails.items():
            if method == request.method and path.endswith(ending) and answers:
                status, said, headers = answers.pop(0)
                return _json(said, status=status, headers={"Via": "1.1 small", **headers})
        if request.method == "GET" and path == f"/channels/{CHANNEL}/messages":
            return _json(self._page(request))
        return self._answer(request.method, path, body)

    def _page(self, request: web.Request) -> list[dict[str, Any]]:
        """As Discord gives it: newest first."""
        after, before = int(request.query.get("after", 0)), int(request.query.get("before", 2**63))
        found = [one for one in self.history if after < int(one["id"]) < before]
        return sorted(found, key=lambda one: -int(one["id"]))[: int(request.query.get("limit", 50))]

    def _answer(self, method: str, path: str, body: Any) -> web.Response:
        if path == "/users/@me":
            return _json(_user(BOT, "studyhall", bot=True))
        if path == "/oauth2/applications/@me":
            return _json(_application())
        if path.startswith("/gateway"):
            limit = {"total": 1000, "remaining": 999, "reset_after": 1, "max_concurrency": 1}
            return _json({"url": self.gateway, "shards": 1, "session_start_limit": limit})
        if path == f"/applications/{APP}/commands" and method == "PUT":
            ids = [{**one, "id": str(next(self._numbers)), "application_id": APP, "version": "1"} for one in body]
            return _json([{"default_member_permissions": None, "description": "", **one} for one in ids])
        if path.endswith("/callback"):
            return _json({"interaction": {"id": "1", "type": 2}, "resource": {"type": body["type"]}})
        if path.startswith("/webhooks/") or (method == "POST" and path.endswith("/messages")):
            return _json(_message(str(next(self._numbers)), body))
        return _json({"code": 0, "message": f"no such route {path}"}, status=404)

    async def _gateway(self, request: web.Request) -> web.WebSocketResponse:
        socket = self._socket = web.WebSocketResponse()
        await socket.prepare(request)
        await socket.send_json({"op": 10, "t": None, "s": None, "d": {"heartbeat_interval": 20_000}})
        async for frame in socket:
            if frame.type is not WSMsgType.TEXT:
                continue
            message = json.loads(frame.data)
            if message["op"] == 1:
                await socket.send_json({"op": 11, "t": None, "s": None, "d": None})
            elif message["op"] == 2:
                self.identified.append(message["d"])
                await self._begin()
            elif message["op"] == 6:
                self.resumed.append(message["d"])
                if self.forgets:
                    await socket.send_json({"op": 9, "t": None, "s": None, "d": False})
                else:
                    await self.say("RESUMED", {"_trace": []})
        return socket

    async def _begin(self) -> None:
        ready = {
            "v": 10,
            "user": _user(BOT, "studyhall", bot=True),
            "guilds": [{"id": GUILD, "unavailable": True}],
            "session_id": "session",
            "resume_gateway_url": self.gateway,
            "application": {"id": APP, "flags": 0},
            "shard": [0, 1],
        }
        await self.say("READY", ready)
        await self.say("GUILD_CREATE", self.guild())

    def guild(self) -> dict[str, Any]:
        return _guild()


@asynccontextmanager
async def small_discord(there: SmallDiscord | None = None) -> AsyncIterator[SmallDiscord]:
    there = there or SmallDiscord()
    app = web.Application()
    app.router.add_get("/gateway", there._gateway)
    app.router.add_get("/gateway/", there._gateway)
    app.router.add_route("*", _API + "/{rest:.*}", there._rest)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    there.port = runner.addresses[0][1]
    try:
        yield there
    finally:
        await runner.cleanup()


def message(text: str, number: str) -> dict[str, Any]:
    return {**_message(number, {"content": text}), "author": _user(LIN, "lin"), "guild_id": GUILD}


def command(name: str, token: str, number: str, *, sub: str = "") -> dict[str, Any]:
    options = [{"type": 1, "name": sub, "options": []}] if sub else []
    return {
        "id": number,
        "application_id": APP,
        "type": 2,
        "token": token,
        "version": 1,
        "guild_id": GUILD,
        "channel_id": CHANNEL,
        "channel": _channel(),
        "locale": "zh-CN",
        "guild_locale": "en-US",
        "app_permissions": "2147483647",
        "entitlements": [],
        "authorizing_integration_owners": {},
        "context": 0,
        "attachment_size_limit": 1,
        "member": {**_member(LIN, "lin"), "permissions": "1024"},
        "data": {"id": "900", "name": name, "type": 1, "options": options},
    }


def _json(said: Any, status: int = 200, headers: dict[str, str] | None = None) -> web.Response:
    """As Discord says it: without a charset, on which the SDK insists."""
    told = {"Content-Type": "application/json", **(headers or {})}
    return web.Response(body=json.dumps(said).encode(), status=status, headers=told)


async def until(true: Any, *, seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not true():
            await asyncio.sleep(0.01)


def _user(native: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {"id": native, "username": name, "discriminator": "0", "global_name": name, "avatar": None, "bot": bot}


def _member(native: str, name: str, *, bot: bool = False) -> dict[str, Any]:
    return {
        "user": _user(native, name, bot=bot),
        "roles": [],
        "joined_at": "2026-01-01T00:00:00+00:00",
        "deaf": False,
        "mute": False,
        "flags": 0,
    }


def _application() -> dict[str, Any]:
    return {
        "id": APP,
        "name": "studyhall",
        "icon": None,
        "description": "",
        "bot_public": False,
        "bot_require_code_grant": False,
        "verify_key": "",
        "team": None,
        "flags": 0,
        "owner": _user(LIN, "lin"),
    }


def _channel() -> dict[str, Any]:
    return {
        "id": CHANNEL,
        "type": 0,
        "guild_id": GUILD,
        "name": "general",
        "position": 0,
        "permission_overwrites": [],
        "nsfw": False,
        "parent_id": None,
        "topic": None,
        "last_message_id": None,
        "flags": 0,
        "permissions": "1024",
    }


def _guild() -> dict[str, Any]:
    everyone = {"id": GUILD, "name": "@everyone", "permissions": "1071698660929", "position": 0, "color": 0, "flags": 0}
    return {
        "id": GUILD,
        "name": "Ferris Hall",
        "owner_id": LIN,
        "roles": [{**everyone, "hoist": False, "managed": False, "mentionable": False}],
        "emojis": [],
        "features": [],
        "channels": [_channel()],
        "threads": [],
        "members": [_member(BOT, "studyhall", bot=True)],
        "member_count": 2,
        "large": False,
        "unavailable": False,
        "voice_states": [],
        "presences": [],
        "stage_instances": [],
        "guild_scheduled_events": [],
        "soundboard_sounds": [],
        "premium_tier": 0,
        "verification_level": 0,
        "default_message_notifications": 0,
        "explicit_content_filter": 0,
        "mfa_level": 0,
        "nsfw_level": 0,
        "afk_timeout": 0,
        "preferred_locale": "en-US",
        "system_channel_flags": 0,
        "system_channel_id": CHANNEL,
        "rules_channel_id": None,
        "public_updates_channel_id": None,
        "afk_channel_id": None,
        "icon": None,
    }


def _message(number: str, body: Any) -> dict[str, Any]:
    body = body or {}
    return {
        "id": number,
        "channel_id": CHANNEL,
        "author": _user(BOT, "studyhall", bot=True),
        "content": body.get("content") or "",
        "timestamp": "2026-11-07T10:30:00+00:00",
        "edited_timestamp": None,
        "tts": False,
        "mention_everyone": False,
        "mentions": [],
        "mention_roles": [],
        "attachments": [],
        "embeds": [],
        "pinned": False,
        "type": 0,
        "flags": body.get("flags", 0),
        "components": [],
    }
