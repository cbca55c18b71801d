"""When to train, on what, and whether the result goes out. Knows consent, versions and staff; knows no formulas."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
import threading
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from bot.domain.outgoing import DeliveryClass, Note, Outgoing, Paragraph, Sending, Text
from bot.domain.people import Community
from bot.domain.permissions import STAFF
from bot.ports import AuditRow, Clock, Store
from bot.usecases.signin import PLATFORM
from bot.wording import choose
from recsys.actions import Integers
from recsys.collaborative import CollaborativeModel
from recsys.crowding import uncrowded
from recsys.fitting import FitParameters
from recsys.gathering import ActionColumns, gather
from recsys.making import lay_down
from recsys.modelfile import FORMAT, load
from recsys.signals import Feedback
from recsys.training import make_in_process
from recsys.trial import Verdict, verdict
from recsys.versions import Version, Versions, replace_file

log = logging.getLogger(__name__)
FEWEST: Final = 50
"""Fewer actions than this teach nothing that popularity does not know."""
FEWEST_ITEMS: Final = 10
ATTEMPTS: Final = 3
"""After so many a training that never ends waits for the night."""
_BEGUN: Final = "begun.json"
_SAID: Final = {"refused": "model-refused", "held": "model-held", "published": "model-published"}
_WHY: Final = {"worse": "model-why-worse", "unpopular": "model-why-unpopular", "far": "model-why-far"}
Progress = Callable[[int, int], None]
Outcome = Literal["published", "refused", "held", "unchanged", "too-few"]


@dataclass(frozen=True, slots=True)
class Limits:
    """share: of new actions or items from which a training does not wait for the night. alarm: how far the lists may
    move, 0-1, before somebody has to look."""

    share: float = 0.1
    alarm: float = 0.5


@dataclass(frozen=True, slots=True)
class Training:
    """How it ended. version: what was made, in use or not. model: the one in use now."""

    outcome: Outcome
    version: Version | None
    model: CollaborativeModel | None


@dataclass(frozen=True, slots=True)
class Train:
    """Read what may be used, train in a process of its own, judge, publish. Blocks: call it on a thread.

    Only the signals that the recommender lists as trainable are read; text of messages never is.
    """

    store: Store
    clock: Clock
    versions: Versions
    publish: Callable[[CollaborativeModel | None], None]
    public: Callable[[str], bool]
    """Whether an item is for everybody: one model answers all, so nothing of private rooms may enter it."""
    limits: Limits = field(default_factory=Limits)

    def due(self, community: Community) -> str:
        """Why a training should not wait for the night; empty when it may. A quick look."""
        begun = self._begun()
        if begun:
            return "the last one did not end" if begun.get("attempts", 0) < ATTEMPTS else ""
        trained = self.versions.all(check=False)
        current = self.versions.current()
        if current is not None and self.versions.get(current) is not None and not _whole(self.versions, current):
            return "the model in use is damaged"
        newest = trained[0] if trained else None
        after = int(newest.basis.get("sequence", 0)) if newest else 0
        with self.store.read() as uow:
            count, items = uow.interactions.newer_for_training(community.id, Feedback().trainable, after)
        if newest is None:
            return "there is none yet" if count >= FEWEST else ""
        if count >= max(FEWEST, self.limits.share * int(newest.basis.get("actions", 0))):
            return f"{count} new actions"
        fresh = len(items - set(newest.basis.get("items", ()))) if items else 0
        if fresh >= max(FEWEST_ITEMS, self.limits.share * newest.items):
            return f"{fresh} new items"
        return ""

    def __call__(
        self,
        community: Community,
        *,
        force: bool = False,
        unless_unchanged: bool = False,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
    ) -> Training:
        """Raises TrainingFailed, TrainingCancelled, TrainingBusy; the model in use is then untouched.

        force: publish whatever the verdict. unless_unchanged: nothing is done when nobody did anything since.
        """
        with self.versions.training():
            with self.store.read() as uow:
                columns = uow.interactions.for_training(community.id, Feedback().trainable)
            teachers = Teachers.of(columns)
            left = {version.name for version in self.versions.all(check=False) if not teachers.still(version.basis)}
            found = self._mended(self.versions.load(load))
            try:
                basis = basis_of(columns, teachers, FitParameters())
                newest = self.versions.all(check=False)[:1]
                if unless_unchanged and found and not left and newest and _same(newest[0], basis):
                    return Training("unchanged", found[0], found[1])
                in_use = found[0] if found else None
                rests_on, enough = self._laid_down(columns, teachers, basis, in_use)
                # Some hundred megabytes where there are millions of actions: the child has its own by now.
                del columns
                if enough:
                    may_stay = in_use is None or in_use.name not in left
                    return self._trained(community, found, rests_on, force, may_stay, progress, cancel)
                log.info("too little to train on", extra={"actions": basis["actions"]})
                self._clear()
                return Training("too-few", None, found[1] if found and found[0].name not in left else None)
            finally:
                if cancel is None or not cancel.is_set():
                    self._forget(left)

    def _trained(
        self,
        community: Community,
        found: tuple[Version, CollaborativeModel] | None,
        basis: Mapping[str, Any],
        force: bool,  # noqa: FBT001  private, and always given by position
        may_stay: bool,  # noqa: FBT001
        progress: Progress | None,
        cancel: threading.Event | None,
    ) -> Training:
        in_use = found[0] if found else None
        now = self.clock.now().timestamp()
        before = self.versions.place(in_use.name) if in_use else None
        made = make_in_process(
            self.versions.work, now=now, parameters=FitParameters(), before=before, progress=progress, cancel=cancel
        )
        old_actions = int(in_use.basis.get("actions", 0)) if in_use else 0
        judgement = verdict(
            made.judged,
            made.moved,
            alarm=self.limits.alarm,
            old_users=in_use.users if in_use else 0,
            growth=basis["actions"] / max(old_actions, 1),
            may_stay=may_stay,
        )
        if force and judgement.state != "published":
            judgement = Verdict("published", f"{judgement.reason}; published by hand", judgement.why)
        model = load(made.folder, Feedback())
        version = self.versions.add(
            made.folder,
            Version(
                "", now, model.version, model.user_count, len(model), judgement.state, judgement.reason,
                made.figures, basis,
            ),
        )  # fmt: skip
        fields = {"version": version.name, "users": version.users, "items": version.items, **version.figures}
        if judgement.state == "published":
            self.versions.use(version.name)
            self.publish(model)
            if judgement.reason:
                log.warning("model published with a warning: %s", judgement.reason, extra=fields)
                self._tell_staff(community, version, judgement)
            else:
                log.info("model published", extra=fields)
        else:
            log.warning("model not published: %s", judgement.reason, extra=fields)
            self._tell_staff(community, version, judgement)
        self._clear()
        self.versions.prune()
        in_use_now = model if judgement.state == "published" else (found[1] if found else None)
        return Training(judgement.state, version, in_use_now)

    def _mended(self, found: tuple[Version, CollaborativeModel] | None) -> tuple[Version, CollaborativeModel] | None:
        """Where the model in use is damaged, it goes, and the one before it is in use."""
        current = self.versions.current()
        if current is not None and (found is None or found[0].name != current):
            log.warning("the model in use is damaged and deleted", extra={"version": current})
            self.versions.drop(current)
            if found is not None:
                self.versions.use(found[0].name)
        return found

    def _laid_down(
        self, columns: ActionColumns, teachers: Teachers, basis: dict[str, Any], in_use: Version | None
    ) -> tuple[Mapping[str, Any], bool]:
        """Prepare the folder of work; a training that was killed goes on with its own log while that may be used.

        What the training rests on, and whether that is enough.
        """
        before = in_use.name if in_use else None
        begun = self._begun()
        attempts = int(begun.get("attempts", 0))
        if (
            0 < attempts < ATTEMPTS
            and begun.get("before") == before
            and begun["basis"]["made_by"] == basis["made_by"]
            and teachers.still(begun["basis"])
        ):
            log.info("a training that did not end goes on", extra={"attempts": attempts})
            basis = begun["basis"]
        else:
            self._clear()
            attempts = 0
            kept = uncrowded(columns, self.clock.now().timestamp())
            if crowd := int((~kept).sum()):
                log.warning(
                    "many young accounts on few items: not all of them are learnt from", extra={"actions": crowd}
                )
            actions, known = gather(columns.where(kept), learnable=self.public, seen=_seen(in_use))
            if len(actions) < FEWEST:
                return basis, False
            lay_down(self.versions.work, actions, known, FitParameters())
            basis["items"] = list(actions.names)
        begun = {"before": before, "basis": basis, "attempts": attempts + 1}
        replace_file(self.versions.work / _BEGUN, json.dumps(begun).encode())
        return basis, True

    def _begun(self) -> dict[str, Any]:
        try:
            stated = json.loads((self.versions.work / _BEGUN).read_bytes())
        except (OSError, ValueError):
            return {}
        return stated if isinstance(stated, dict) else {}

    def _clear(self) -> None:
        if self.versions.work.exists():
            shutil.rmtree(self.versions.work)

    def _forget(self, left: set[str]) -> None:
        """What was taught by somebody who has left, or took the consent back, is deleted."""
        if not left:
            return
        current = self.versions.current()
        for name in left:
            self.versions.drop(name)
        log.info("versions deleted: who taught them may not be learnt from any longer", extra={"versions": len(left)})
        if current in left:
            self.publish(None)

    def _tell_staff(self, community: Community, version: Version, judgement: Verdict) -> None:
        """In everybody's own language, in the room they share with the bot; and in the audit log."""
        at = self.clock.now()
        with self.store.write() as uow:
            action = f"model.{version.state}"
            uow.audit.add(community.id, AuditRow(at, "studyhall", action, f"model:{version.name}", version.reason))
            for member in uow.members.all(community.id):
                if member.role not in STAFF:
                    continue
                wording = choose(member.language, community.language)
                figures = {name: round(float(value), 3) for name, value in version.figures.items()}
                reason = wording.say(_WHY[judgement.why], **figures)
                said = wording.say(_SAID[version.state], version=version.name, reason=reason)
                message = Outgoing(
                    (Paragraph((Text(said),)), Note((Text(wording.say("model-what-to-do")),))),
                    language=wording.language,
                    silent=True,
                )
                room = uow.rooms.direct(community.id, PLATFORM, member.id)
                uow.outbox.add(
                    community.id,
                    Sending(
                        key=f"model:{version.name}:{member.id}",
                        room=room.ref,
                        message=message,
                        delivery=DeliveryClass.AT_MOST_ONCE,
                        to_member=member.id,
                    ),
                    at,
                )
            uow.commit()


@dataclass(frozen=True, slots=True)
class Teachers:
    """Who may be learnt from: numbers of people, and the sequence of the first action of each."""

    people: Integers
    first: Integers

    @classmethod
    def of(cls, columns: ActionColumns) -> Teachers:
        people, place = np.unique(columns.users, return_inverse=True)
        first = np.full(len(people), np.iinfo(np.int64).max)
        np.minimum.at(first, place, columns.sequence)
        return cls(people, first)

    def digest(self, until: int) -> str:
        """Of everybody with an action up to that sequence: another one where somebody has left, or has come back."""
        return hashlib.sha256(self.people[self.first <= until].tobytes()).hexdigest()

    def still(self, basis: Mapping[str, Any]) -> bool:
        """Whether all who taught a model may still be learnt from. A basis that says nothing of it is not trusted."""
        return bool(basis) and self.digest(int(basis.get("sequence", 0))) == basis.get("people")


def basis_of(columns: ActionColumns, teachers: Teachers, parameters: FitParameters) -> dict[str, Any]:
    """What a model rests on: up to which sequence, how many actions and their sum, whose they are, and how it is made.

    Whatever of it may not be used any longer, or may be used again, changes these figures.
    """
    last = int(columns.sequence.max()) if len(columns) else 0
    return {
        "sequence": last,
        "actions": len(columns),
        "sum": int(columns.sequence.sum()),
        "people": teachers.digest(last),
        "made_by": f"{FORMAT} {json.dumps(asdict(parameters), sort_keys=True)}",
    }


def last_model(folder: Path) -> CollaborativeModel | None:
    """The model in use, if there is a whole one."""
    versions = Versions(folder)
    current, found = versions.current(), versions.load(load)
    if current is None:
        return None
    if found is None:
        log.warning("the collaborative model is damaged and left out until the next training")
        return None
    if found[0].name != current:
        log.warning("the model in use is damaged; the one before it answers", extra={"version": found[0].name})
    return found[1]


def _seen(version: Version | None) -> int:
    return int(version.basis.get("sequence", 0)) if version else 0


def _same(version: Version, basis: Mapping[str, Any]) -> bool:
    return all(version.basis.get(name) == value for name, value in basis.items())


def _whole(versions: Versions, name: str) -> bool:
    found = versions.get(name)
    return found is not None and found.whole
