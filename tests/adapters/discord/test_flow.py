"""The whole program on a simulated Discord: what a member does, and what they get to see."""

from __future__ import annotations

from tests.adapters.discord.hall import Hall, discord_of, labels, run, shown, welcome


def test_getting_started_step_by_step(hall: Hall) -> None:
    async def scenario() -> None:
        hall.add_courses()
        async with discord_of(hall) as env:
            _, channel, (lin,) = welcome(env, "lin")
            begun = await lin.slash(channel, "setup me")
            assert begun.deferred
            assert begun.ephemeral
            await hall.answered()
            question = begun.response
            assert question is not None
            assert question.ephemeral
            assert "Ferris Hall" in shown(question)
            assert "rust" in [label.lower() for label in labels(question)]
            chosen = next(label for label in labels(question) if label.lower() == "rust")
            await lin.click(question, label=chosen)
            await hall.answered()
            assert f"✓ {chosen}" in labels(begun.response)
            assert channel.history() == [] or len(channel.history(viewer=lin)) == 1

    run(scenario)
