"""Everything that is done with POST: coming in, saying, changing, pressing. Knows forms; `writes` knows the rules."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from adapters.web.answers import (
    Fields,
    address,
    member_of,
    number,
    page,
    path_number,
    read_form,
    redirect,
    take,
    wants_json,
)
from adapters.web.forms import values
from adapters.web.pages import Pages
from adapters.web.problems import Problem
from adapters.web.sessions import THEMES
from adapters.web.site import Site
from adapters.web.writes import Accepted, Writes
from bot.domain.people import LANGUAGES, Member
from bot.errors import BadInput

_PATIENCE: Final = 1.5
"""Seconds that a plain form waits for its own message to appear; the page's script does not need this."""


@dataclass(frozen=True)
class Acts:
    site: Site
    writes: Writes
    pages: Pages

    async def knock(self, request: Request) -> Response:
        """The access token."""
        take(self.site.door, address(request))
        form = await read_form(self.site, request)
        session = self.site.keys.knock(self.site.session(request), form.get("token", ""))
        if session is None:
            words = self.site.words(request)
            html = self.pages.door_html(request, problem=words.say("web-error-wrong-token"))
            return page(self.site, request, html, 403)
        return redirect(self.site, request, "/", session)

    async def sign_in(self, request: Request) -> Response:
        """As somebody from the list, or with a personal link."""
        form = await self._at_the_door(request)
        link = form.get("link", "")
        member_id = self.site.keys.member_of_link(link) if link else number(form.get("member"))
        if member_id is None:
            raise Problem(404, "web-error-bad-link" if link else "web-error-not-found")
        member = await self.site.run(self.site.sign_in, member_id, invited=bool(link))
        return self._come_in(request, member)

    async def create(self, request: Request) -> Response:
        form = await self._at_the_door(request)
        try:
            member = await self.site.run(
                self.site.create_member,
                form.get("name", ""),
                form.get("language", ""),
                form.get("timezone", "") or "UTC",
                joined=self.writes.joined,
            )
        except BadInput as error:
            if error.problem not in ("name", "language", "timezone"):
                raise
            words = self.site.words(request)
            problem = words.say(f"web-error-{error.problem}")
            return page(
                self.site, request, await self.pages.front_html(request, problem=problem, given=dict(form)), 400
            )
        return self._come_in(request, member)

    async def _at_the_door(self, request: Request) -> dict[str, str]:
        take(self.site.door, address(request))
        if not self.site.keys.door_open(self.site.session(request)):
            raise Problem(403, "web-error-not-allowed")
        return dict(await read_form(self.site, request))

    def _come_in(self, request: Request, member: Member) -> Response:
        # A new id: whoever planted a cookie before does not share the session that begins now.
        session = replace(
            self.site.session(request),
            id=self.site.ports.ids.code(),
            started=int(self.site.ports.clock.now().timestamp()),
            member=member.id,
            language=None,
        )
        return redirect(self.site, request, "/", session)

    async def sign_out(self, request: Request) -> Response:
        await read_form(self.site, request)
        before = self.site.session(request)
        after = replace(self.site.fresh(), door=before.door, theme=before.theme, language=before.language)
        return redirect(self.site, request, "/", after)

    async def prefer(self, request: Request) -> Response:
        """Language and theme of this browser; the language also of the member, so that the bot follows."""
        form = await read_form(self.site, request)
        session = self.site.session(request)
        if form.get("theme") in THEMES:
            session = replace(session, theme=form["theme"])
        if form.get("language") in LANGUAGES:
            session = replace(session, language=form["language"])
            if session.member is not None and self.site.keys.door_open(session):
                take(self.site.writes, f"m{session.member}")
                await self.site.run(self.site.choose_language, session.member, form["language"])
        back = form.get("back", "/")
        own = back.startswith("/") and back[1:2] not in ("/", "\\") and back.isascii() and back.isprintable()
        return redirect(self.site, request, back if own else "/", session)

    async def post(self, request: Request) -> Response:
        member_id, form = await self._writer(request)
        room_id = path_number(request, "room")
        reply_to = number(form.get("reply_to"))
        root = number(form.get("root"))
        back = f"/rooms/{room_id}" + (f"/d/{root}" if root is not None else "")
        text, action = form.get("text", ""), form.get("action", "")
        call = partial(self.writes.post, member_id, room_id, text, reply_to, action)
        return await self._done(request, room_id, back, call)

    async def act(self, request: Request) -> Response:
        """One message's own form: ``do`` is press:CODE, submit:CODE, react+EMOJI, react-EMOJI, delete or edit."""
        member_id, form = await self._writer(request)
        room_id, message_id = path_number(request, "room"), path_number(request, "message")
        where, action, do, writes = (
            (member_id, room_id, message_id),
            form.get("action", ""),
            form.get("do", ""),
            self.writes,
        )
        call: Callable[[], Accepted]
        if do.startswith("press:"):
            call = partial(writes.press, *where, do.removeprefix("press:"), action)
        elif do.startswith("submit:"):
            call = partial(writes.submit, *where, do.removeprefix("submit:"), values(form.multi_items()), action)
        elif do.startswith(("react+", "react-")):
            call = partial(writes.react, *where, do[6:], action, present=do[5] == "+")
        elif do == "delete":
            call = partial(writes.delete, *where, action)
        elif do == "edit":
            call = partial(writes.edit, *where, form.get("text", ""), action)
        else:
            raise Problem(400, "web-error-bad-request")
        return await self._done(request, room_id, f"/rooms/{room_id}#m{message_id}", call)

    async def _writer(self, request: Request) -> tuple[int, Fields]:
        member_id = member_of(self.site, request)
        form = await read_form(self.site, request)
        take(self.site.writes, f"m{member_id}")
        return member_id, form

    async def _done(self, request: Request, room_id: int, back: str, call: Callable[[], Accepted]) -> Response:
        """Answers only after the update is durable."""
        if wants_json(request):
            accepted = await self.site.run(call)
            return JSONResponse({"accepted": accepted.action, "message": accepted.native_id, "new": accepted.new}, 202)
        hub, topic = self.site.ports.hub, f"room:{room_id}"
        shown = hub.expect(topic)
        try:
            await self.site.run(call)
            async with asyncio.timeout(_PATIENCE):
                await shown.wait()
        except TimeoutError:
            pass  # it is in the inbox; the page will show it when it is there
        finally:
            hub.forget(topic, shown)
        return redirect(self.site, request, back)
