"""Everything that is read, by GET or by asking what changed. Knows routes and templates; changes nothing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import BaseModel, Field, ValidationError
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Receive, Scope, Send

from adapters.web.answers import check_token, member_of, number, page, path_number, redirect, wants_json
from adapters.web.capabilities import COMMANDS, MAX_KNOWN, MAX_TEXT
from adapters.web.live import TooManyStreams
from adapters.web.problems import Problem
from adapters.web.reads import Reads
from adapters.web.site import Site
from adapters.web.streams import EventStream
from adapters.web.views import Known, MessageView, RoomPage, Shell, initials
from bot.domain.text import clean
from bot.usecases.link_views import account_line
from bot.usecases.signin import MAX_NAME

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp"})

PAGE_WORDS = (
    "web-sending",
    "web-not-sent",
    "web-retry",
    "web-confirm-delete",
    "web-new-messages",
    "web-offline",
    "web-bot-working",
    "web-today",
    "web-edit",
)
"""Sentences that the page's script says itself."""


@dataclass(frozen=True)
class Pages:
    site: Site
    reads: Reads

    async def front(self, request: Request) -> Response:
        """Who are you? For somebody who is signed in: the room with the bot."""
        session = self.site.session(request)
        if not self.site.keys.door_open(session):
            return redirect(self.site, request, "/door")
        if session.member is not None:
            shell = await self.site.run(self.reads.shell, session.member)
            return redirect(self.site, request, f"/rooms/{shell.direct_id}")
        return page(self.site, request, await self.front_html(request))

    async def front_html(self, request: Request, *, problem: str = "", given: dict[str, str] | None = None) -> str:
        community, candidates = await self.site.run(self.reads.door)
        words = self.site.words(request, otherwise=community.language)
        sought = request.query_params.get("q", "").strip().casefold()[:60]
        session = self.site.session(request)
        return self.site.render(
            "front.html",
            words,
            community=community,
            candidates=[one for one in candidates if sought in f"{one.name} {' '.join(one.hints)}".casefold()],
            sought=sought,
            problem=problem,
            given=given or {},
            csrf=self.site.keys.csrf(session),
            theme=session.theme,
            max_name=MAX_NAME,
        )

    async def door(self, request: Request) -> Response:
        """Asks for the access token."""
        session = self.site.session(request)
        if self.site.keys.door_open(session):
            return redirect(self.site, request, "/")
        return page(self.site, request, self.door_html(request))

    def door_html(self, request: Request, *, problem: str = "") -> str:
        session = self.site.session(request)
        token = self.site.keys.csrf(session)
        return self.site.render("door.html", self.site.words(request), csrf=token, theme=session.theme, problem=problem)

    async def invited(self, request: Request) -> Response:
        """A personal link: asks once more, so that a link that is merely opened (a preview) signs nobody in."""
        session = self.site.session(request)
        if not self.site.keys.door_open(session):
            return redirect(self.site, request, "/door")
        link = str(request.path_params["link"])
        if self.site.keys.member_of_link(link) is None:
            raise Problem(404, "web-error-bad-link")
        token = self.site.keys.csrf(session)
        html = self.site.render("invited.html", self.site.words(request), csrf=token, theme=session.theme, link=link)
        return page(self.site, request, html)

    async def file(self, request: Request) -> Response:
        """A picture or document of a message. Its key is known only to who could read the message."""
        member_id = member_of(self.site, request)
        kept = await self.site.run(self.reads.file, member_id, str(request.path_params["key"]))
        # Only pictures are shown by the browser itself: whatever else a file says would run as a page of ours.
        shown = "inline" if kept.media in SHOWN else "attachment"
        headers = {"content-disposition": shown, "cache-control": "private, max-age=31536000, immutable"}
        return Response(kept.content, media_type=kept.media, headers=headers)

    async def room(self, request: Request) -> Response:
        return await self._room(request, root=None)

    async def discussion(self, request: Request) -> Response:
        return await self._room(request, root=path_number(request, "root"))

    async def _room(self, request: Request, root: int | None) -> Response:
        member_id = member_of(self.site, request)
        session = self.site.session(request)
        view = await self.site.run(
            self.reads.room,
            member_id,
            path_number(request, "room"),
            self.site.ports.clock.now(),
            around=number(request.query_params.get("m")),
            root=root,
            preferred=session.language,
        )
        asked = {
            "editing": number(request.query_params.get("edit")),
            "replying": number(request.query_params.get("reply")),
            "draft": clean(request.query_params.get("draft", ""), limit=200),
            "initials": initials,
        }
        html = self._html(request, view.shell, "room.html", view=view, root=root, **asked, **self._said(view))
        return page(self.site, request, html)

    def _said(self, view: RoomPage) -> dict[str, object]:
        words = view.shell.wording
        return {
            "page_words": {name.removeprefix("web-"): words.say(name) for name in PAGE_WORDS},
            "commands": [(name, words.say(f"web-command-{name}")) for name in COMMANDS],
        }

    async def older(self, request: Request) -> Response:
        """The messages before one, for "load older"."""
        member_id, before = member_of(self.site, request), number(request.query_params.get("before"))
        if before is None:
            raise Problem(400, "web-error-bad-request")
        shell, views, more = await self.site.run(
            self.reads.older, member_id, path_number(request, "room"), before, self.site.session(request).language
        )
        return JSONResponse({"messages": [self._fragment(request, shell, view) for view in views], "older": more})

    async def changes(self, request: Request) -> Response:
        """What an open page must replace or add; it sends the stamps of what it shows."""
        member_id = member_of(self.site, request)
        check_token(self.site, request, "")
        known = _known(await request.body())
        shell, changes = await self.site.run(
            self.reads.changes,
            member_id,
            path_number(request, "room"),
            known,
            self.site.session(request).language,
        )
        fragments = [self._fragment(request, shell, view) for view in changes.messages]
        return JSONResponse({"messages": fragments, "order": changes.order})

    async def edit_form(self, request: Request) -> Response:
        member_id = member_of(self.site, request)
        shell, view = await self.site.run(
            self.reads.message,
            member_id,
            path_number(request, "room"),
            path_number(request, "message"),
            self.site.session(request).language,
        )
        if not view.mine or view.deleted:
            raise Problem(403, "web-error-not-yours")
        if not wants_json(request):
            return redirect(self.site, request, f"/rooms/{view.room_id}?m={view.id}&edit={view.id}#m{view.id}")
        return JSONResponse({"html": self._html(request, shell, "edit.html", message=view)})

    async def me(self, request: Request) -> Response:
        """Who I am here, and the link with which I come back."""
        member_id = member_of(self.site, request)
        shell = await self.site.run(self.reads.shell, member_id, self.site.session(request).language)
        base = self.site.ports.public_url.rstrip("/") or str(request.base_url).rstrip("/")
        link = f"{base}/in/{self.site.keys.personal_link(member_id)}"
        accounts = [account_line(shell.wording, one) for one in shell.accounts]
        return page(self.site, request, self._html(request, shell, "me.html", link=link, accounts=accounts))

    async def healthz(self, _: Request) -> Response:
        report = dict(await self.site.run(self.site.ports.health))
        return JSONResponse(report, 200 if report.get("ok", True) else 503)

    def _fragment(self, request: Request, shell: Shell, view: MessageView) -> dict[str, object]:
        html = self._html(request, shell, "message.html", message=view)
        return {"id": view.id, "stamp": view.stamp, "html": html}

    def _html(self, request: Request, shell: Shell, template: str, **values: object) -> str:
        session = self.site.session(request)
        return self.site.render(
            template,
            shell.wording,
            shell=shell,
            csrf=self.site.keys.csrf(session),
            theme=session.theme,
            action=self.site.ports.ids.code,
            max_text=MAX_TEXT,
            **values,
        )


@dataclass(frozen=True)
class LiveEndpoint:
    """``GET /events``: an ASGI endpoint of its own, because it outlives what a request handler returns."""

    site: Site
    reads: Reads

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope, receive)
        hub = self.site.ports.hub
        member_id = member_of(self.site, request)
        shell = await self.site.run(self.reads.shell, member_id)
        try:
            subscription = hub.connect(member_id, shell.account, shell.topics)
        except TooManyStreams:
            raise Problem(429, "web-error-too-many-pages", retry_after=30) from None
        await EventStream(hub, subscription)(scope, receive, send)


class _Question(BaseModel):
    """What a page says about itself when it asks what changed."""

    known: Annotated[dict[Annotated[int, Field(ge=1, lt=2**62)], str], Field(max_length=MAX_KNOWN)]
    root: Annotated[int, Field(ge=1, lt=2**62)] | None = None
    last: Annotated[int, Field(ge=1, lt=2**62)] | None = None


def _known(body: bytes) -> Known:
    try:
        asked = _Question.model_validate_json(body)
    except ValidationError as error:
        raise Problem(400, "web-error-bad-request") from error
    return Known(asked.known, asked.root, asked.last)
