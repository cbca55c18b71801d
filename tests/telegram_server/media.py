"""Methods about files: sent, changed, fetched again. Knows the sizes that the platform takes."""

from __future__ import annotations

import struct
from typing import Any

from tests.telegram_server.calls import Call
from tests.telegram_server.errors import bad
from tests.telegram_server.markup import units
from tests.telegram_server.model import World
from tests.telegram_server.sending import changed, formatted, keyboard, own, put, writable

Json = dict[str, Any]
MAX_PHOTO = 10 * 1024 * 1024
MAX_FILE = 50 * 1024 * 1024
MAX_FETCHED = 20 * 1024 * 1024
MAX_CAPTION = 1024
MAX_SIDES = 10_000
"""Width and height of a photo together; neither may be more than twenty times the other."""


def send_file(kind: str) -> Any:
    def send(world: World, call: Call) -> Json:
        chat = writable(world, call, f"{kind}s")
        text, entities = formatted(call, "caption", "caption_entities")
        if units(text) > MAX_CAPTION:
            raise bad("message caption is too long")
        return put(world, call, chat, text, entities, _file(world, call, kind, call.text(kind), kind))

    return send


def _file(world: World, call: Call, kind: str, given: str, name: str) -> Json:
    """What the message has, from an upload, a known id or an address."""
    attached = given.removeprefix("attach://") if given.startswith("attach://") else name
    if attached in call.files:
        file_name, content = call.files[attached]
        if not content:
            raise bad("file must be non-empty")
        if kind == "photo":
            width, height = _checked(content)
        about = world.kept(content)
    elif given.startswith("attach://") or not given:
        raise bad(f"there is no {kind} in the request")
    elif given in world.files:
        file_name, content = given, world.files[given]
        about = {"file_id": given, "file_unique_id": f"u{given}", "file_size": len(content)}
        width, height = _sides(content) or (90, 90)
    elif given.startswith(("http://", "https://")):
        raise bad("failed to get HTTP URL content")
    else:
        raise bad("wrong remote file identifier specified: Wrong padding in the string")
    if kind == "photo":
        return {"photo": [about | {"width": width, "height": height}]}
    return {"document": about | {"file_name": file_name, "mime_type": _mime(file_name)}}


def _checked(content: bytes) -> tuple[int, int]:
    if len(content) > MAX_PHOTO:
        raise bad(f"file of size {len(content)} bytes is too big for a photo; the maximum size is {MAX_PHOTO} bytes")
    sides = _sides(content)
    if sides is None:
        raise bad("IMAGE_PROCESS_FAILED")
    if sum(sides) > MAX_SIDES or max(sides) > 20 * min(sides):
        raise bad("PHOTO_INVALID_DIMENSIONS")
    return sides


def _sides(content: bytes) -> tuple[int, int] | None:
    """Of a PNG, GIF or JPEG, read from its own header; None: no picture."""
    if content[:8] == b"\x89PNG\r\n\x1a\n" and len(content) >= 24:
        width, height = struct.unpack(">II", content[16:24])
        return (width, height) if width and height else None
    if content[:6] in (b"GIF87a", b"GIF89a") and len(content) >= 10:
        width, height = struct.unpack("<HH", content[6:10])
        return (width, height) if width and height else None
    if content[:2] == b"\xff\xd8":
        at = 2
        while at + 9 < len(content) and content[at] == 0xFF:
            size = int.from_bytes(content[at + 2 : at + 4], "big")
            if content[at + 1] in (0xC0, 0xC1, 0xC2):
                height, width = struct.unpack(">HH", content[at + 5 : at + 9])
                return width, height
            at += 2 + size
    return None


def _mime(name: str) -> str:
    known = {
        "png": "image/png",
        "csv": "text/csv",
        "json": "application/json",
        "ics": "text/calendar",
        "txt": "text/plain",
    }
    return known.get(name.rpartition(".")[2].lower(), "application/octet-stream")


def edit_caption(world: World, call: Call) -> Json:
    sent = own(world, call, "edit")
    if not sent.has_file:
        raise bad("there is no caption in the message to edit")
    text, entities = formatted(call, "caption", "caption_entities")
    if units(text) > MAX_CAPTION:
        raise bad("MEDIA_CAPTION_TOO_LONG")
    return changed(world, sent, text, entities, keyboard(call))


def edit_media(world: World, call: Call) -> Json:
    sent = own(world, call, "edit")
    if not sent.has_file and "poll" in sent.extra:
        raise bad("there is no media in the message to edit")
    media = call.structure("media")
    if not isinstance(media, dict):
        raise bad("can't parse InputMedia: expected an object")
    kind = media.get("type")
    if kind not in ("photo", "document"):
        raise bad("can't parse InputMedia: media type is invalid")
    inner = Call(
        {"caption": media.get("caption", ""), "parse_mode": media.get("parse_mode", "")}
        | ({"caption_entities": media["caption_entities"]} if media.get("caption_entities") else {})
    )
    text, entities = formatted(inner, "caption", "caption_entities")
    if units(text) > MAX_CAPTION:
        raise bad("MEDIA_CAPTION_TOO_LONG")
    extra = _file(world, call, kind, str(media.get("media", "")), "media")
    return changed(world, sent, text, entities, keyboard(call), extra)


def get_file(world: World, call: Call) -> Json:
    file_id = call.text("file_id")
    if not file_id:
        raise bad("file_id not specified")
    if file_id not in world.files:
        raise bad("wrong file_id or the file is temporarily unavailable")
    content = world.files[file_id]
    if len(content) > MAX_FETCHED:
        raise bad("file is too big")
    world.paths.add(f"documents/{file_id}")
    path = {"file_path": f"documents/{file_id}"}
    return {"file_id": file_id, "file_unique_id": f"u{file_id}", "file_size": len(content)} | path
