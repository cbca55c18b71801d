"""``studyhall evaluate`` as a person or a program calls it: one document, one table, and errors that say what to do."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest
from threadpoolctl import threadpool_info, threadpool_limits
from typer.testing import CliRunner, Result

from bot.cli import cli, evaluating_discussions


def call(*words: object) -> Result:
    return CliRunner().invoke(cli, ["evaluate", *(str(word) for word in words)])


def wandering(path: Path, users: range, *, seed: int, more: int = 0) -> Path:
    """Learners who mostly take the next course; `more` columns of no meaning."""
    rng = random.Random(seed)
    lines = ["member,course,at" + ",x" * more]
    for user in users:
        at = rng.randrange(12)
        for step in range(rng.randint(4, 9)):
            lines.append(f"学员{user},c{at},{1_700_000_000 + user + 3600 * step}" + ",-" * more)
            at = (at + (1 if rng.random() < 0.8 else rng.randrange(12))) % 12
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


COLUMNS = ("--user-column", "member", "--item-column", "course", "--time-column", "at")


@pytest.fixture
def log(tmp_path: Path) -> Path:
    return wandering(tmp_path / "log.csv", range(120), seed=1, more=2)


@pytest.mark.parametrize(
    ("protocol", "scenes"),
    [
        ("last-out", ["all"]),
        ("temporal", ["all"]),
        ("cold-user", ["first 0", "first 1", "first 2", "first 5"]),
        ("cold-item", ["among new", "among all"]),
    ],
)
def test_one_document_for_machines(log: Path, protocol: str, scenes: list[str]) -> None:
    words = (
        "--interactions",
        log,
        *COLUMNS,
        "--protocol",
        protocol,
        "--at",
        "3,5",
        "--models",
        "popularity,sequential",
    )
    ended = call(*words, "--json", "--seed", 3)
    assert ended.exit_code == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["protocol"] == protocol
    assert [scene["scene"] for scene in found["scenes"]] == scenes
    for scene in found["scenes"]:
        assert [result["model"] for result in scene["results"]] == ["popularity", "sequential"]
        for result in scene["results"]:
            assert {"ndcg@3", "ndcg@5", "coverage@5", "novelty@3"} <= set(result["metrics"])
            ndcg = result["metrics"]["ndcg@5"]
            assert 0 <= ndcg["low"] <= ndcg["mean"] <= ndcg["high"] <= 1
    assert set(found["models"]["sequential"]["parameters"]) >= {"ridge", "fade"}
    assert found["left_out"]["log.csv"]["repeats"] > 0


def test_the_table_names_the_better_model(log: Path) -> None:
    ended = call("--interactions", log, *COLUMNS, "--models", "popularity,sequential", "--folds", 0)
    assert ended.exit_code == 0, ended.stderr
    assert "lists of 10" in ended.stdout
    assert "sequential - popularity: ndcg@10 +0." in ended.stdout
    assert "repeats" in ended.stdout
    assert "evaluate" in ended.stderr


def test_users_of_another_file_are_folded_in(tmp_path: Path, log: Path) -> None:
    others = wandering(tmp_path / "others.csv", range(200, 240), seed=2).read_text(encoding="utf-8").splitlines()
    header, rows = others[0], others[1:]
    last = {row.split(",")[0]: row for row in rows}
    (tmp_path / "history.csv").write_text(
        "\n".join([header, *(row for row in rows if row not in last.values())]), encoding="utf-8"
    )
    truth = [",".join(row.split(",")[:2]) for row in last.values()]
    (tmp_path / "truth.csv").write_text("\n".join(["member,course", *truth]), encoding="utf-8")
    given = ("--history", tmp_path / "history.csv", "--truth", tmp_path / "truth.csv")
    ended = call("--interactions", log, *COLUMNS, *given, "--models", "popularity,ease", "--json", "--folds", 0)
    assert ended.exit_code == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert found["protocol"] == "files"
    assert found["train"]["users"] == 120
    popular, ease = found["scenes"][0]["results"]
    assert ease["metrics"]["ndcg@5"]["mean"] > popular["metrics"]["ndcg@5"]["mean"]


def test_texts_bring_the_content_model(tmp_path: Path, log: Path) -> None:
    items = tmp_path / "items.jsonl"
    items.write_text("".join(json.dumps({"id": f"c{n}", "text": f"part {n // 4}"}) + "\n" for n in range(14)))
    ended = call("--interactions", log, *COLUMNS, "--items", items, "--folds", 0, "--json", "--cases", 20)
    found = json.loads(ended.stdout)
    assert "content" in found["models"]
    assert found["diversity_by"] == "texts"
    assert found["scenes"][0]["items"] == 14
    assert found["scenes"][0]["cases"] == 20


def test_a_graph_brings_the_models_of_new_items(tmp_path: Path, log: Path) -> None:
    graph = tmp_path / "graph.csv"
    graph.write_text("h,r,t\n" + "".join(f"c{n},part,p{n // 4}\n" for n in range(12)))
    words = ("--interactions", log, *COLUMNS, "--graph", graph, "--protocol", "cold-item", "--cases", 20, "--json")
    found = json.loads(call(*words, "--models", "content,new-items").stdout)
    assert list(found["models"]) == ["content", "new-items"]
    graph.write_text("h,r,t\nnobody,1,nothing\n")
    refused = call(*words)
    assert refused.exit_code == 1
    assert "none of its 1 rows names an item" in " ".join(refused.stderr.split())


def test_newcomers_are_judged_with_and_without_their_arrival(tmp_path: Path) -> None:
    """Who comes later begins elsewhere; the ids are the only clock."""
    path = tmp_path / "log.csv"
    lines = [f"{user},c{(user // 120) if step == 0 else 9 - step},{step}" for user in range(600) for step in range(3)]
    path.write_text("\n".join(["user,item,time", *lines]) + "\n")
    words = ("--interactions", path, "--protocol", "cold-user", "--models", "popularity-cohort", "--at", 1, "--json")
    figures = []
    for more in ((), ("--no-arrivals",)):
        found = json.loads(call(*words, *more).stdout)
        figures.append(found["scenes"][0]["results"][0]["metrics"]["ndcg@1"]["mean"])
    assert figures[0] > figures[1] + 0.3


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("--models", "gnn"), 1, "no model gnn; there are popularity"),
        (("--at", "five"), 2, "whole numbers"),
        (("--at", "0"), 1, "from 1 to 1000"),
        (("--history", "h.csv"), 2, "go together"),
        (("--protocol", "temporal", "--since", "soon"), 2, "neither a number nor ISO 8601"),
        (("--since", "2024-01-01"), 2, "only --protocol temporal"),
        (("--protocol", "temporal", "--since", "2001-01-01"), 1, "too short"),
        (("--user-column", "who"), 1, "no column who"),
        (("--models", "content"), 1, "--items"),
        (("--plot", "picture.jpg"), 1, "picture"),
    ],
)
def test_what_cannot_be_done_is_said(log: Path, words: tuple[str, ...], code: int, says: str) -> None:
    ended = call("--interactions", log, *COLUMNS, *words)
    assert ended.exit_code == code
    assert says in " ".join(ended.stderr.replace("│", " ").split())
    assert "Traceback" not in ended.stderr
    assert ended.stdout == ""


def test_without_times_the_order_of_the_file_counts_and_that_is_said(tmp_path: Path, log: Path) -> None:
    rows = [line.split(",")[:2] for line in log.read_text(encoding="utf-8").splitlines()[1:]]
    path = tmp_path / "bare.csv"
    path.write_text("user,item\n" + "".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
    words = ("--models", "popularity,sequential", "--at", "3", "--folds", 0)
    found = call("--interactions", path, *words)
    assert found.exit_code == 0, found.output
    assert "bare.csv has no times" in found.output
    timed = call("--interactions", log, *COLUMNS, *words)
    assert "no times" not in timed.output
    one, other = (
        next(line.split() for line in result.output.splitlines() if line.startswith("sequential"))
        for result in (found, timed)
    )
    assert one[1:4] == other[1:4]
    assert call("--interactions", path, "--protocol", "temporal", *words).exit_code == 1
    assert call("--interactions", path, "--time-column", "when", *words).exit_code == 1


def test_times_of_the_future_are_left_out(tmp_path: Path) -> None:
    path = wandering(tmp_path / "log.csv", range(60), seed=4)
    with path.open("a", encoding="utf-8") as file:
        file.write("学员1,c99,2999-01-01\n")
    ended = call("--interactions", path, *COLUMNS, "--models", "popularity", "--folds", 0, "--json")
    found = json.loads(ended.stdout)
    assert found["left_out"]["log.csv"]["in the future"] == 1
    assert found["scenes"][0]["items"] == 12


@pytest.fixture
def talk(tmp_path: Path) -> Path:
    rng = random.Random(3)
    lines = ["time,place,thread,who"]
    for step in range(900):
        thread = max(0, step // 6 - rng.randrange(8))
        lines.append(f"{1_700_000_000 + 1200 * step},r{thread % 4},t{thread},成员{rng.randrange(15)}")
    path = tmp_path / "talk.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


THREADS = ("--room-column", "place", "--topic-column", "thread", "--member-column", "who")


def test_discussions_as_a_document(talk: Path, tmp_path: Path) -> None:
    words = ("--discussions", talk, *THREADS, "--since", "1700700000", "--at", "3,5", "--models", "recency,discussions")
    result = call(*words, "--json", "--plot", tmp_path / "talk.png")
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["protocol"] == "discussions"
    assert found["scenes"][0]["scene"] == "all"
    assert found["counts"]["learned_from"] > 0
    assert set(found["models"]) == {"recency", "discussions"}
    assert (tmp_path / "talk.png").stat().st_size > 1000


def test_discussions_as_a_table(talk: Path) -> None:
    result = call(
        "--discussions", talk, *THREADS, "--since", "1700700000", "--models", "recency,popular", "--alive", "1d"
    )
    assert result.exit_code == 0, result.output
    assert "lists of 10" in result.stdout
    assert "recency" in result.stdout


def test_products_of_discussions_run_on_one_thread(talk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    judge = evaluating_discussions.run

    def watched(*given: Any, **named: Any) -> Any:
        threads.extend(pool["num_threads"] for pool in threadpool_info())
        return judge(*given, **named)

    monkeypatch.setattr(evaluating_discussions, "run", watched)
    with threadpool_limits(2):
        assert call("--discussions", talk, *THREADS, "--since", "1700700000", "--models", "recency").exit_code == 0
    assert set(threads) == {1}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--interactions", "a.csv", "--discussions", "b.csv"), "either --interactions or --discussions"),
        ((), "either --interactions or --discussions"),
        (("--discussions", "b.csv", "--protocol", "temporal"), "does not go"),
        (("--interactions", "a.csv", "--titles", "b.csv"), "does not go"),
        (("--discussions", "b.csv", "--alive", "soon"), "48h, 90m or 7d"),
    ],
)
def test_options_that_do_not_go_together(words: tuple[str, ...], said: str) -> None:
    result = CliRunner(env={"COLUMNS": "300"}).invoke(cli, ["evaluate", *words])
    assert result.exit_code == 2
    assert said in result.output
