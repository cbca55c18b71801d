"""Items about the topics that the user named. Knows tags and vectors of words; knows no history."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from recsys.candidates.nearest import near_profile, scaled
from recsys.candidates.source import best
from recsys.columns import Floats, Slots, united
from recsys.request import Request
from recsys.types import Evidence


@dataclass(frozen=True, slots=True)
class DeclaredTopics:
    """1 for an item tagged with a topic; otherwise the cosine to the nearest topic, scaled, at most `free`."""

    low: float = 0.2
    high: float = 0.7
    free: float = 0.9
    name: str = "declared"

    def propose(self, request: Request, n: int) -> Slots:
        tagged = request.once("declared.tagged", lambda: _tagged(request))
        _, near = near_profile(request, n)
        slots = united(near, tagged)
        slots = slots[request.admitted[slots]]
        return best(self.values(request, slots), slots, n)

    def values(self, request: Request, slots: Slots) -> Floats:
        topics = request.query.declared.topics
        values = np.zeros(len(slots))
        if not topics or not len(slots):
            return values
        if len(request.profile.words):
            cosines = request.of_kept(
                "declared.near", slots, lambda some: request.cosines(some, request.profile.topics).max(axis=0)
            )
            values = self.free * scaled(cosines, self.low, self.high)
        tagged = request.once("declared.tagged", lambda: _tagged(request))
        if len(tagged):
            values[tagged.take(tagged.searchsorted(slots), mode="clip") == slots] = 1.0
        return values

    def evidence(self, request: Request, slots: Slots) -> list[Evidence]:
        """note: the topic as the user wrote it."""
        topics = {topic.strip().casefold(): topic for topic in reversed(request.query.declared.topics)}
        tags = [{tag.casefold() for tag in request.view.items[slot].tags} for slot in slots.tolist()]
        named = [next((topic for key, topic in topics.items() if key in tags), None) for tags in tags]
        words, vectors = request.profile.words, request.vectors(slots)
        nearest = [""] * len(slots)
        if words and vectors.shape[1] == request.profile.topics.shape[1]:
            nearest = [words[at] for at in (vectors @ request.profile.topics.T).argmax(axis=1).tolist()]
        return [Evidence(note=word if topic is None else topic) for topic, word in zip(named, nearest, strict=True)]


def _tagged(request: Request) -> Slots:
    """Sorted slots of the items with a tag that the user named."""
    by_topic = [request.view.tagged(topic.strip()) for topic in request.query.declared.topics]
    return united(np.zeros(0, dtype=np.int64), *by_topic)
