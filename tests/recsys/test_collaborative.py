"""The collaborative model: its formulas against plain ones, its counts, its files."""

from __future__ import annotations

import hashlib
import json
import math
import random
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from recsys.actions import collect, pack_names, read_log, unpack_names, write_log
from recsys.closed import closed_forms
from recsys.fitting import FitParameters, fit, restrict
from recsys.links import KINDS, count_links
from recsys.modelfile import DamagedModel, load, manifest_of, save
from recsys.types import Interaction
from tests.recsys.worlds import NOW, did

LOOSE = FitParameters(min_users=1)


def path_of(user: int, steps: list[int]) -> list[Interaction]:
    return [did(f"u{user}", f"c:{item}", "enrol", 100 - k) for k, item in enumerate(steps)]


def wanderers(count: int = 60, items: int = 12, seed: int = 1) -> list[Interaction]:
    """Each learner begins somewhere and mostly takes the next number."""
    rng = random.Random(seed)
    actions: list[Interaction] = []
    for user in range(count):
        at, steps = rng.randrange(items), list[int]()
        for _ in range(rng.randint(2, 6)):
            steps.append(at)
            at = (at + (1 if rng.random() < 0.8 else rng.randrange(items))) % items
        actions += path_of(user, list(dict.fromkeys(steps)))
    return actions


def test_links_are_their_formulas() -> None:
    actions = wanderers()
    log = collect(actions)
    links = count_links(log, kept=len(log.names))
    count, users = len(log.names), log.user_count
    taken, moves, nexts = np.zeros((users, count)), np.zeros((count, count)), np.zeros((count, count))
    for user in range(users):
        mine = log.items[log.users == user]
        taken[user, mine] = 1
        for at, item in enumerate(mine):
            for step, other in enumerate(mine[at + 1 : at + 6]):
                moves[item, other] += 0.7**step
            nexts[item, mine[at + 1 : at + 2]] += 1
    shares = taken / taken.sum(axis=1, keepdims=True) ** 0.5 / taken.sum(axis=0) ** 0.5
    alike = np.sqrt(shares.T @ shares)
    out, into = np.maximum(moves.sum(axis=1), 1e-9), np.maximum(moves.sum(axis=0), 1e-9)
    after = moves / out[:, None] ** 0.7 / into**0.3
    before = moves.T / into[:, None] ** 0.7 / out**0.3
    following = nexts / np.maximum(nexts.sum(axis=1, keepdims=True), 1)
    for kind, expected in enumerate((alike, after, before, following)):
        np.fill_diagonal(expected, 0)
        found = np.zeros((count, count))
        for row in range(count):
            found[row, links.targets[links.row(row)]] = links.values[kind, links.row(row)]
        assert np.allclose(found, expected, atol=1e-5), KINDS[kind]
    both = taken.T @ taken
    for row in range(count):
        assert np.array_equal(links.together[links.row(row)], both[row, links.targets[links.row(row)]])


def test_the_closed_forms_are_their_formulas() -> None:
    log = collect(wanderers())
    count = len(log.names)
    faded, pasts, nexts = np.zeros((log.user_count, count)), [], []
    for user in range(log.user_count):
        mine = log.items[log.users == user]
        faded[user, mine] = 0.7 ** np.arange(len(mine))[::-1]
        for at in range(1, len(mine)):
            pasts.append(np.bincount(mine[:at], 0.8 ** np.arange(at)[::-1], count))
            nexts.append(np.eye(count)[mine[at]])
    inverse = np.linalg.inv(faded.T @ faded + 20 * np.eye(count))
    ease = -inverse / np.diag(inverse)
    s, t = np.asarray(pasts), np.asarray(nexts)
    sequential = np.linalg.inv(s.T @ s + 60 * np.eye(count)) @ s.T @ t
    np.fill_diagonal(ease, 0)
    np.fill_diagonal(sequential, 0)
    closed = closed_forms(log)
    assert np.allclose(closed.ease, ease, atol=1e-4)
    assert np.allclose(closed.sequential, sequential, atol=1e-4)
    links = count_links(log, kept=count)
    row = links.row(3)
    assert np.allclose(links.values[4, row], ease[3, links.targets[row]], atol=1e-4)
    assert np.allclose(links.values[5, row], sequential[3, links.targets[row]], atol=1e-4)


def test_closed_forms_of_many_items_are_of_the_most_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    log = collect(wanderers())
    users = np.bincount(log.items)
    monkeypatch.setattr("recsys.closed.MOST_ITEMS", 5)
    closed = closed_forms(log)
    assert len(closed.codes) == 5
    assert users[closed.codes].min() >= np.delete(users, closed.codes).max()
    links = count_links(log, kept=12)
    outside = next(code for code in range(12) if code not in closed.codes)
    assert not links.values[4:, links.row(outside)].any()
    assert links.values[0, links.row(outside)].any()


def test_the_next_step_is_found_and_counted() -> None:
    actions = wanderers()
    model = fit(actions, now=NOW, parameters=LOOSE)
    history = [did("new", "c:3", "enrol", 2), did("new", "c:4", "enrol", 1)]
    scores = model.scores(history, NOW)
    assert next(item for item in scores if item not in {"c:3", "c:4"}) == "c:5"
    because = model.fold(history, NOW).because(["c:5"])[0]
    users = {item: {done.user for done in actions if done.item == item} for item in ("c:3", "c:4", "c:5")}
    assert because.items[0] == "c:4"
    assert because.together == len(users["c:4"] & users["c:5"])
    assert model.together("c:3", "c:5") == len(users["c:3"] & users["c:5"])
    assert model.neighbours("c:4", 1)[0][0] == "c:5"


def test_what_led_to_several_items_is_what_led_to_each() -> None:
    folded = fit(wanderers(), now=NOW, parameters=LOOSE).fold(
        [did("n", f"c:{at}", days_ago=9 - at) for at in range(4)], NOW
    )
    items = ["c:5", "c:nowhere", "c:9", "c:4", "c:5"]
    together = folded.because(items)
    assert together == [folded.because([item])[0] for item in items]
    assert together[0].items
    assert together[1].items == ()
    assert folded.because([]) == []


def test_order_matters_most_recent_first() -> None:
    model = fit(wanderers(), now=NOW, parameters=LOOSE)
    there = model.scores([did("n", "c:8", days_ago=9), did("n", "c:2", days_ago=1)], NOW)
    back = model.scores([did("n", "c:2", days_ago=9), did("n", "c:8", days_ago=1)], NOW)
    assert there["c:3"] > back["c:3"]
    assert back["c:9"] > there["c:9"]


def test_only_rows_of_the_largest_weights_are_kept() -> None:
    model = fit(wanderers(items=12), now=NOW, parameters=replace(LOOSE, row=3))
    assert np.diff(model.links.starts).max() == 3


def test_the_most_active_items_take_part() -> None:
    log = collect(wanderers())
    few = restrict(log, FitParameters(max_items=5, min_users=1))
    users = {name: int((log.items == code).sum()) for code, name in enumerate(log.names)}
    assert len(few.names) == 5
    assert min(users[name] for name in few.names) >= max(users[n] for n in log.names if n not in few.names)
    rare = fit([*path_of(0, [1, 2]), *path_of(1, [1])], now=NOW, parameters=FitParameters(min_users=2))
    assert rare.names == ("c:1",)


def test_the_same_actions_give_the_same_model_in_any_order_and_however_often() -> None:
    actions = wanderers()
    shuffled = actions * 2
    random.Random(5).shuffle(shuffled)
    one, other = fit(actions, now=NOW), fit(shuffled, now=NOW)
    assert one.version == other.version
    assert all(np.array_equal(one.arrays()[name], other.arrays()[name]) for name in one.arrays())


def test_only_explicit_positive_actions_are_learnt() -> None:
    actions = [
        *wanderers(),
        *(did(f"u{n}", "post:1", signal) for n in range(9) for signal in ("reply", "post", "react")),
    ]
    actions += [did(f"u{n}", "c:bad", "dismiss") for n in range(9)]
    actions += [did(f"u{n}", "c:odd", "rate", value=1.0) for n in range(9)]
    actions += [Interaction(f"u{n}", "c:nan", "enrol", math.nan) for n in range(9)]
    assert fit(actions, now=NOW).version == fit(wanderers(), now=NOW).version


def test_private_rooms_are_not_learnt_from() -> None:
    private = [did(f"u{n}", "post:private", "save") for n in range(9)]
    log = collect([*wanderers(), *private], learnable=lambda item: item != "post:private")
    assert log.names == collect(wanderers()).names
    assert len(log) == len(collect(wanderers()))


def test_one_user_with_a_hundred_thousand_actions() -> None:
    log = collect(Interaction("busy", f"c:{n % 5_000}", "click", NOW + n) for n in range(100_000))
    assert len(log) == 200
    assert log.names[0] not in {"busy"}


@pytest.mark.parametrize("actions", [[], path_of(0, [1]), [*path_of(0, [1]), *path_of(1, [1])]])
def test_little_or_nothing_to_learn(actions: list[Interaction]) -> None:
    model = fit(actions, now=NOW)
    assert model.scores([did("u", "c:1")], NOW) == {}
    assert model.neighbours("c:1", 3) == []
    assert model.together("c:1", "c:2") == 0
    assert model.fold([], NOW).because(["c:1"])[0].items == ()


def test_hostile_histories() -> None:
    model = fit(wanderers(), now=NOW, parameters=LOOSE)
    assert model.scores([did("u", "nowhere"), did("u", "c:1", "dismiss"), did("u", "c:1", "reply")], NOW) == {}
    assert model.scores([Interaction("u", "c:1", "enrol", math.nan)], NOW) == {}
    assert model.scores([did("u", "c:1", days_ago=-99)], NOW) == model.scores([did("u", "c:1", days_ago=0)], NOW)
    huge = [did("u", f"c:{n % 12}") for n in range(100_000)]
    assert all(math.isfinite(score) for score in model.scores(huge, NOW).values())


def test_progress_reaches_its_total() -> None:
    seen: list[tuple[int, int]] = []
    fit(wanderers(), now=NOW, progress=lambda done, total: seen.append((done, total)))
    assert seen[-1][0] == seen[-1][1]
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)


def test_folding_in_takes_about_a_millisecond() -> None:
    model = fit(wanderers(count=400, items=300), now=NOW, parameters=LOOSE)
    history = [did("u", f"c:{n}") for n in range(200)]
    took = []
    for _ in range(20):
        begun = time.perf_counter()
        model.scores(history, NOW)
        took.append(time.perf_counter() - begun)
    assert min(took) < 0.01


def test_saved_and_read_back(tmp_path: Path) -> None:
    model = fit(wanderers(), now=NOW, parameters=LOOSE)
    assert save(model, tmp_path, LOOSE) == tmp_path / "collaborative.json"
    again = load(tmp_path)
    history = [did("u", "c:3")]
    assert again.scores(history, NOW) == model.scores(history, NOW)
    assert (again.version, again.user_count, again.trained_at) == (model.version, model.user_count, NOW)
    manifest = manifest_of(tmp_path)
    assert manifest is not None
    assert manifest["items"] == len(model)
    assert manifest["parameters"]["min_users"] == 1


def test_a_new_model_replaces_the_old_one_whole(tmp_path: Path) -> None:
    save(fit(wanderers(), now=NOW), tmp_path)
    newer = fit(wanderers(seed=2), now=NOW)
    save(newer, tmp_path)
    assert load(tmp_path).version == newer.version
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".json", ".npz"]


def test_every_damage_is_noticed(tmp_path: Path) -> None:
    save(fit(wanderers(), now=NOW), tmp_path)
    arrays = next(tmp_path.glob("*.npz"))
    whole, manifest = arrays.read_bytes(), (tmp_path / "collaborative.json").read_bytes()
    rng = random.Random(3)
    for _ in range(60):
        at = rng.randrange(len(whole))
        arrays.write_bytes(whole[:at] + bytes([whole[at] ^ 0x10]) + whole[at + 1 :])
        with pytest.raises(DamagedModel):
            load(tmp_path)
    for broken in (whole[:100], b""):
        arrays.write_bytes(broken)
        with pytest.raises(DamagedModel):
            load(tmp_path)
    arrays.write_bytes(whole)
    for text in (b"", b"{}", b"[]", manifest[:50], manifest.replace(b'"format": 2', b'"format": 9')):
        (tmp_path / "collaborative.json").write_bytes(text)
        with pytest.raises(DamagedModel):
            load(tmp_path)
    (tmp_path / "collaborative.json").write_bytes(manifest)
    load(tmp_path)
    arrays.unlink()
    with pytest.raises(DamagedModel):
        load(tmp_path)


def test_no_model_and_no_way_out_of_the_folder(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        load(tmp_path)
    assert manifest_of(tmp_path) is None
    inner = tmp_path / "inner"
    save(fit(wanderers(), now=NOW), inner)
    stated = json.loads((inner / "collaborative.json").read_text())
    (inner / stated["arrays"]).rename(tmp_path / stated["arrays"])
    stated["arrays"] = f"../{stated['arrays']}"
    (inner / "collaborative.json").write_text(json.dumps(stated))
    with pytest.raises(DamagedModel):
        load(inner)


def test_objects_in_the_arrays_are_refused(tmp_path: Path) -> None:
    save(fit(wanderers(), now=NOW), tmp_path)
    path = next(tmp_path.glob("*.npz"))
    with np.load(path) as stored:
        arrays = dict(stored)
    arrays["names"] = np.asarray([{"run": "this"}], dtype=object)
    np.savez(path, **arrays)
    stated = json.loads((tmp_path / "collaborative.json").read_text())

    stated["sha256"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (tmp_path / "collaborative.json").write_text(json.dumps(stated))
    with pytest.raises(DamagedModel, match="allow_pickle"):
        load(tmp_path)


@settings(max_examples=60)
@given(st.lists(st.text(alphabet=st.characters(), max_size=6) | st.sampled_from(["\ud800", "a\0", "课程:1"])))
def test_names_survive_packing(names: list[str]) -> None:
    assert unpack_names(*pack_names(names)) == tuple(names)


def test_a_log_survives_its_file(tmp_path: Path) -> None:
    log = collect([*wanderers(), did("x", "课:\ud800")])
    write_log(log, tmp_path / "log.npz")
    again = read_log(tmp_path / "log.npz")
    assert again.names == log.names
    assert all(np.array_equal(getattr(again, name), getattr(log, name)) for name in ("users", "items", "weights"))


@pytest.mark.parametrize("bad", [{"row": 0}, {"max_items": 0}, {"epochs": 0}, {"examples": -1}])
def test_parameters_refuse_nonsense(bad: dict[str, float]) -> None:
    with pytest.raises(ValueError, match="at least 1"):
        FitParameters(**bad)  # type: ignore[arg-type]
