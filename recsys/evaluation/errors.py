"""What can be wrong with what an evaluation is given. Knows sentences for whoever runs it; knows no command line."""

from __future__ import annotations


class EvaluationError(ValueError):
    """The evaluation cannot run as asked; the text says what to change."""


class BadData(EvaluationError):
    """A file cannot be used as it is: unreadable, without a needed column, or without a usable row."""
