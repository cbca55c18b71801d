"""Forms of the web community: what is filled in reaches the inbox, from the message that asks and nowhere else."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from pathlib import Path

from adapters import web
from bot.domain.forms import Choice, ChoiceField, Form, TextField
from bot.domain.incoming import FormSubmitted
from bot.domain.outgoing import Document, FileRef, Outgoing, Picture
from bot.ports import KeptFile
from tests.adapters.web.conftest import Browser, World

CODE = "v1:fill:abcdefgh12345678"
FORM = Form(
    "A meeting",
    (
        TextField("title", "Title"),
        ChoiceField("tags", "Topics", (Choice("rust", "Rust"), Choice("go", "Go")), least=0, most=2),
    ),
    "Publish",
    code=CODE,
)


def asked(world: World) -> str:
    room = world.rooms["dm Mei"]
    asyncio.run(world.messenger.send(room.ref, Outgoing((), form=FORM), key="form"))
    return f"/rooms/{room.id}/messages/{world.messages(room.id)[-1].id}"


def test_what_is_filled_in_reaches_the_dispatcher(world: World, mei: Browser) -> None:
    path = asked(world)
    fields = [("do", f"submit:{CODE}"), ("f:title", "Rust 之夜"), ("f:tags", "rust"), ("f:tags", "go"), ("other", "x")]
    response = mei.fill(path, fields)
    assert response.status_code == 202
    (raw,) = world.raw()
    assert json.loads(raw)["values"] == [["title", ["Rust 之夜"]], ["tags", ["rust", "go"]]]
    (heard,) = world.drain()
    assert isinstance(heard, FormSubmitted)
    assert (heard.code, dict(heard.values)) == (CODE, {"title": ("Rust 之夜",), "tags": ("rust", "go")})
    assert heard.on is not None


def test_only_the_message_that_asks_takes_answers(world: World, mei: Browser, sam: Browser) -> None:
    path = asked(world)
    assert mei.fill(path, [("do", "submit:v1:fill:zzzzzzzz12345678"), ("f:title", "x")]).status_code == 400
    assert sam.fill(path, [("do", f"submit:{CODE}"), ("f:title", "x")]).status_code == 404
    assert mei.fill(path, [("do", f"submit:{CODE}"), ("f:" + "n" * 25, "x")]).status_code == 400
    many = [(f"f:n{number}", "x") for number in range(60)]
    assert mei.fill(path, [("do", f"submit:{CODE}"), *many]).status_code == 400
    assert world.raw() == []


def test_a_file_is_shown_to_whom_it_belongs(world: World, mei: Browser, sam: Browser) -> None:
    at = datetime(2026, 11, 7, tzinfo=UTC)
    with world.store.write() as uow:
        uow.files.put(world.community.id, "picture", KeptFile(b"\x89PNG", "image/png"), at)
        uow.files.put(world.community.id, "hers", KeptFile(b"<script>", "text/html", world.people["Mei"].id), at)
        uow.commit()
    shown = mei.client.get("/files/picture")
    assert (shown.content, shown.headers["content-type"]) == (b"\x89PNG", "image/png")
    assert shown.headers["content-disposition"] == "inline"
    hers = mei.client.get("/files/hers")
    assert (hers.content, hers.headers["content-disposition"]) == (b"<script>", "attachment")
    assert hers.headers["x-content-type-options"] == "nosniff"
    assert sam.client.get("/files/hers").status_code == 404
    assert sam.client.get("/files/nothing").status_code == 404


def test_pictures_and_documents_are_in_the_page(world: World, mei: Browser) -> None:
    room = world.rooms["dm Mei"]
    message = Outgoing(
        (
            Picture(FileRef("picture", "p.png", "image/png", 4), "Four bars, rising"),
            Document(FileRef("entry", "event.ics", "text/calendar", 9), "Calendar entry"),
        )
    )
    asyncio.run(world.messenger.send(room.ref, message, key="files"))
    html = mei.client.get(f"/rooms/{room.id}").text
    assert '<img src="/files/picture" alt="Four bars, rising"' in html
    assert '<a href="/files/entry" download="event.ics">Calendar entry</a>' in html


def test_boxes_to_tick_are_not_drawn_as_lines_to_write_in() -> None:
    css = (Path(web.__file__).parent / "static" / "app.css").read_text()
    (rule,) = [line for line in css.splitlines() if line.startswith("input:not(") and "width: 100%" in line]
    assert '[type="radio"]' in rule
    assert '[type="checkbox"]' in rule
