"""Who may ask next."""

import asyncio

import pytest
from camclassify_core import Superseded

from custom_components.camclassify.engine.turns import Turns


class Asker:
    """Has a turn until it is told to end it."""

    def __init__(self, turns: Turns, camera: str = "") -> None:
        self.has_turn = False
        self.end = asyncio.Event()
        self.task = asyncio.create_task(self._ask(turns, camera))

    async def _ask(self, turns: Turns, camera: str) -> None:
        async with turns.take(camera):
            self.has_turn = True
            await self.end.wait()

    async def ends(self) -> None:
        self.end.set()
        await self.task


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_a_camera_has_one_turn_at_a_time_and_the_latest_that_waits_is_next() -> None:
    turns = Turns(10)
    askers = []
    for _ in range(4):
        askers.append(Asker(turns, "gate"))
        await settle()
    first, second, third, last = askers
    other = Asker(turns, "garden")
    await settle()
    assert [each.has_turn for each in (*askers, other)] == [True, False, False, False, True]
    for each in (second, third):
        with pytest.raises(Superseded, match="gate"):
            await each.task
    await first.ends()
    await settle()
    assert last.has_turn
    await last.ends()
    await other.ends()
    again = Asker(turns, "gate")
    await settle()
    await again.ends()


async def test_so_many_have_turns_and_nobody_without_a_camera_is_passed_over() -> None:
    turns = Turns(2)
    askers = [Asker(turns) for _ in range(3)]
    await settle()
    assert [each.has_turn for each in askers] == [True, True, False]
    await askers[0].ends()
    await settle()
    assert askers[2].has_turn
    for each in askers[1:]:
        await each.ends()


@pytest.mark.parametrize("same_moment", [True, False])
async def test_who_gives_up_waiting_keeps_no_turn(same_moment: bool) -> None:
    turns = Turns(10)
    first, waiting = Asker(turns, "gate"), Asker(turns, "gate")
    await settle()
    if same_moment:
        first.end.set()
        for _ in range(2):
            await asyncio.sleep(0)
    waiting.task.cancel()
    await asyncio.wait([waiting.task])
    await first.ends()
    last = Asker(turns, "gate")
    await settle()
    assert last.has_turn
    await last.ends()


async def test_who_fails_gives_the_turn_on() -> None:
    turns = Turns(10)
    with pytest.raises(ValueError, match="mine"):
        async with turns.take("gate"):
            raise ValueError("mine")
    last = Asker(turns, "gate")
    await settle()
    await last.ends()
