"""HTML and entities as the Bot API reads them: byte offsets in errors, UTF-16 offsets in entities. Pure.

A parser of its own, after the documented grammar; the product's renderer is judged by it and never the other way round.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

from tests.telegram_server.errors import bad

Json = dict[str, Any]

TAGS = {
    "b": "bold",
    "strong": "bold",
    "i": "italic",
    "em": "italic",
    "u": "underline",
    "ins": "underline",
    "s": "strikethrough",
    "strike": "strikethrough",
    "del": "strikethrough",
    "tg-spoiler": "spoiler",
    "code": "code",
    "pre": "pre",
    "a": "text_link",
    "blockquote": "blockquote",
    "tg-time": "date_time",
    "tg-emoji": "custom_emoji",
    "span": "spoiler",
}
KINDS = set(TAGS.values()) | {
    *("mention", "hashtag", "cashtag", "bot_command", "url", "email", "phone_number", "text_mention"),
    "expandable_blockquote",
}
MAX_ENTITIES = 100
_NAMED = {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}
_SPACE = " \t\r\n\x0b\x0c\x00"
_FORMAT = re.compile(r"r|w?[dD]?[tT]?")


def units(text: str) -> int:
    """UTF-16 code units, by encoding it."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


def fail(words: str) -> Exception:
    return bad(f"can't parse entities: {words}")


@dataclass
class _Open:
    tag: str
    start: int
    at: int
    attributes: dict[str, str] = field(default_factory=dict)


class _Parser:
    def __init__(self, source: str) -> None:
        self.source, self.at = source, 0
        self.text: list[str] = []
        self.length = 0
        self.open: list[_Open] = []
        self.entities: list[Json] = []

    def offset(self, at: int | None = None) -> int:
        return len(self.source[: self.at if at is None else at].encode("utf-8", "surrogatepass"))

    def add(self, text: str) -> None:
        self.text.append(text)
        self.length += units(text)

    def run(self) -> tuple[str, list[Json]]:
        while self.at < len(self.source):
            char = self.source[self.at]
            if char == "&":
                self.add(self.reference())
            elif char == "<":
                if self.source.startswith("</", self.at):
                    self.end_tag()
                else:
                    self.start_tag()
            else:
                self.add(char)
                self.at += 1
        if self.open:
            raise fail(f'Can\'t find end tag corresponding to start tag "{self.open[-1].tag}"')
        return "".join(self.text), self.entities

    def reference(self) -> str:
        """A reference of the few that are known, or the ampersand as it stands."""
        found = re.compile(r"&(?:#(\d{1,7})|#x([0-9a-fA-F]{1,6})|([a-z]{2,4}));?").match(self.source, self.at)
        if found:
            char = ""
            if found[3] in _NAMED:
                char = _NAMED[found[3]]
            elif found[1] or found[2]:
                code = int(found[1]) if found[1] else int(found[2], 16)
                char = chr(code) if 0 < code <= 0x10FFFF else ""
            if char:
                self.at = found.end()
                return char
        self.at += 1
        return "&"

    def name(self) -> str:
        start = self.at
        while self.at < len(self.source) and self.source[self.at] not in _SPACE + "=>/\"'":
            self.at += 1
        return self.source[start : self.at].lower()

    def spaces(self) -> None:
        while self.at < len(self.source) and self.source[self.at] in _SPACE:
            self.at += 1

    def start_tag(self) -> None:
        begin = self.at
        self.at += 1
        tag = self.name()
        if self.at >= len(self.source):
            raise fail(f"Unclosed start tag at byte offset {self.offset(begin)}")
        if tag not in TAGS:
            raise fail(f'Unsupported start tag "{tag}" at byte offset {self.offset(begin)}')
        attributes: dict[str, str] = {}
        while True:
            self.spaces()
            if self.at >= len(self.source):
                raise fail(f"Unclosed start tag at byte offset {self.offset(begin)}")
            if self.source[self.at] == ">":
                self.at += 1
                break
            key = self.name()
            if not key:
                raise fail(f'Empty attribute name in the tag "{tag}" at byte offset {self.offset(begin)}')
            self.spaces()
            attributes[key] = self.value(tag, begin) if self.source.startswith("=", self.at) else ""
        if tag == "span" and attributes.get("class") != "tg-spoiler":
            raise fail(f'Tag "span" must have class "tg-spoiler" at byte offset {self.offset(begin)}')
        self.open.append(_Open(tag, self.length, begin, attributes))

    def value(self, tag: str, begin: int) -> str:
        self.at += 1
        self.spaces()
        quote = self.source[self.at : self.at + 1]
        if quote not in ('"', "'"):
            start = self.at
            while self.at < len(self.source) and (self.source[self.at].isalnum() or self.source[self.at] in ".-"):
                self.at += 1
            if self.at == start:
                raise fail(f'Unexpected end of name token at byte offset {self.offset(begin)} in the tag "{tag}"')
            return self.source[start : self.at]
        self.at += 1
        value = ""
        while self.at < len(self.source) and self.source[self.at] != quote:
            if self.source[self.at] == "&":
                value += self.reference()
            else:
                value += self.source[self.at]
                self.at += 1
        if self.at >= len(self.source):
            raise fail(f"Unclosed start tag at byte offset {self.offset(begin)}")
        self.at += 1
        return value

    def end_tag(self) -> None:
        begin = self.at
        if not self.open:
            raise fail(f"Unexpected end tag at byte offset {self.offset()}")
        self.at += 2
        tag = self.name()
        self.spaces()
        if not self.source.startswith(">", self.at):
            raise fail(f"Unclosed end tag at byte offset {self.offset(begin)}")
        self.at += 1
        opened = self.open.pop()
        if tag not in ("", opened.tag):
            raise fail(
                f'Unmatched end tag at byte offset {self.offset(begin)}, expected "</{opened.tag}>", found "</{tag}>"'
            )
        if self.length > opened.start:
            self.entity(opened)

    def entity(self, opened: _Open) -> None:
        kind = TAGS[opened.tag]
        made: Json = {"type": kind, "offset": opened.start, "length": self.length - opened.start}
        match kind:
            case "text_link":
                url = opened.attributes.get("href") or "".join(self.text)[-made["length"] :]  # type: ignore[operator]
                if url.startswith("tg://user?id=") and url[13:].isdecimal():
                    made |= {"type": "text_mention", "user": {"id": int(url[13:]), "is_bot": False, "first_name": "?"}}
                elif (re.fullmatch(r"https?://[^\s<>\"]+", url) and "." in url) or url.startswith("tg://"):
                    made["url"] = url
                else:
                    return  # a link that leads nowhere is text
            case "date_time":
                unix, form = opened.attributes.get("unix", ""), opened.attributes.get("format", "")
                if not re.fullmatch(r"\d{1,12}", unix):
                    raise fail(f'Invalid date specified in the tag "tg-time" at byte offset {self.offset(opened.at)}')
                if not _FORMAT.fullmatch(form):
                    raise fail(f'Invalid format in the tag "tg-time" at byte offset {self.offset(opened.at)}')
                made |= {"unix_time": int(unix)} | ({"date_time_format": form} if form else {})
            case "custom_emoji":
                made["custom_emoji_id"] = opened.attributes.get("emoji-id", "")
            case _:
                pass
        self.entities.append(made)


def parse_html(source: str) -> tuple[str, list[Json]]:
    return _Parser(source).run()


def checked_entities(text: str, entities: object) -> list[Json]:
    """Given with `entities`: offsets must lie in the text and on borders of characters."""
    if not isinstance(entities, list):
        raise bad("can't parse entities: expected an Array of MessageEntity")
    total = units(text)
    kept = []
    for each in entities:
        if not isinstance(each, dict) or each.get("type") not in KINDS:
            raise fail("Unsupported type specified")
        offset, size = each.get("offset"), each.get("length")
        if not isinstance(offset, int) or not isinstance(size, int) or offset < 0 or size <= 0 or offset + size > total:
            raise bad("entity beyond the end of the text")
        if each["type"] == "date_time" and not isinstance(each.get("unix_time"), int):
            raise fail("Invalid date specified")
        encoded = text.encode("utf-16-le", "surrogatepass")
        for border in (offset, offset + size):
            unit = encoded[2 * border : 2 * border + 2]
            if len(unit) == 2 and 0xDC <= unit[1] <= 0xDF:
                raise bad("entity begins in a middle of a UTF-16 symbol")
        kept.append(each)
    return kept


def finished(text: str, entities: list[Json]) -> tuple[str, list[Json]]:
    """As it is stored: without white space at the ends, entities in order, at most 100 of them, plain links found."""
    text = text.replace("\r", "")
    left = len(text) - len(text.lstrip(_SPACE + "\u2800"))
    shift, stripped = units(text[:left]), text.strip(_SPACE + "\u2800")
    total = units(stripped)
    kept = []
    for each in entities:
        start = max(int(str(each["offset"])) - shift, 0)
        end = min(int(str(each["offset"])) + int(str(each["length"])) - shift, total)
        if end > start:
            kept.append({**each, "offset": start, "length": end - start})
    kept += _found(stripped, kept)
    kept.sort(key=lambda one: (int(str(one["offset"])), -int(str(one["length"]))))
    return stripped, kept[:MAX_ENTITIES]


_PLAIN = (
    ("mention", re.compile(r"(?<![\w@])@[A-Za-z]\w{3,31}(?!\w)", re.ASCII)),
    ("bot_command", re.compile(r"(?<![\w/])/[A-Za-z0-9_]{1,32}(?:@[A-Za-z]\w{3,31})?(?![\w/])", re.ASCII)),
    ("url", re.compile(r"https?://[^\s<>]+", re.ASCII)),
)


def _found(text: str, taken: list[Json]) -> list[Json]:
    spans = [
        (int(str(e["offset"])), int(str(e["offset"])) + int(str(e["length"])))
        for e in taken
        if e["type"] in ("code", "pre", "text_link", "text_mention", "date_time")
    ]
    made: list[Json] = []
    for kind, pattern in _PLAIN:
        for match in pattern.finditer(text):
            start, end = units(text[: match.start()]), units(text[: match.end()])
            if all(end <= first or last <= start for first, last in spans):
                made.append({"type": kind, "offset": start, "length": end - start})
    return made
