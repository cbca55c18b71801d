"""An independent reader of HTML for the renderer's tests: what is visible, which elements and attributes there are."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"br", "img", "input", "hr", "meta", "link"})


@dataclass
class Reader(HTMLParser):
    """Text is collected in order; `unclosed` counts what was opened and never closed (or closed twice)."""

    text: list[str] = field(default_factory=list)
    tags: list[tuple[str, dict[str, str | None]]] = field(default_factory=list)
    open: list[str] = field(default_factory=list)
    mistakes: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        if len(set(names)) != len(names):
            self.mistakes.append(f"attribute twice in {tag}")
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.mistakes.append(f"unexpected </{tag}>")

    def handle_data(self, data: str) -> None:
        self.text.append(data)

    def handle_comment(self, data: str) -> None:
        self.mistakes.append("comment")

    def handle_decl(self, decl: str) -> None:
        self.mistakes.append("declaration")

    def unknown_decl(self, data: str) -> None:
        self.mistakes.append("unknown declaration")

    def handle_pi(self, data: str) -> None:
        self.mistakes.append("processing instruction")


def read(html: str) -> Reader:
    reader = Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        reader.mistakes.append(f"left open: {reader.open}")
    return reader


def visible(html: str) -> str:
    return "".join(read(html).text)
