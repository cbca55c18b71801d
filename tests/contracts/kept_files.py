"""What the application relies on from a store that keeps files. Subclasses give `work` as `StoreContract` does."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from bot.ports import ButtonRow, KeptFile, UnitOfWork

AT = datetime(2027, 1, 4, 9, 0, tzinfo=UTC)


class KeptFilesContract:
    community = 1

    def test_a_file_is_kept_byte_by_byte_until_it_is_swept(self, work: UnitOfWork) -> None:
        content = bytes(range(256)) * 400
        work.files.put(self.community, "old", KeptFile(content, "image/png"), AT)
        work.files.put(self.community, "new", KeptFile(b"", "text/calendar"), AT + timedelta(hours=1))
        assert work.files.get(self.community, "old") == KeptFile(content, "image/png")
        assert work.files.get(self.community, "other") is None
        assert work.files.get(self.community + 1, "old") is None
        assert work.files.sweep(AT + timedelta(hours=1)) == 1
        assert work.files.get(self.community, "old") is None
        assert work.files.get(self.community, "new") == KeptFile(b"", "text/calendar")

    def test_a_code_that_ended_means_nothing(self, work: UnitOfWork) -> None:
        rows = [ButtonRow(code, "form", {}, None, AT) for code in ("a", "b")]
        work.buttons.add(self.community, rows)
        work.buttons.end(self.community, "a")
        work.buttons.end(self.community, "never-there")
        assert work.buttons.get(self.community, "a") is None
        assert work.buttons.get(self.community, "b") == rows[1]
