"""What an emulator counted becomes blocks, instructions and cycles of whole networks."""

from functools import partial

import pytest
from camclassify_core.bench.contestant import Contestant

from benchmarks.emulation import contestant
from benchmarks.emulation.blocks import instructions_of, is_branch, read_blocks
from benchmarks.emulation.cycles import parse, weigh

ADD, MULTIPLY, LOOP, RETURN = 0x8B020020, 0x4E22CC20, 0x54FFFFC1, 0xD65F03C0


def line(count: int, address: int, *instructions: int) -> str:
    return f"{count} {address:x} " + " ".join(f"{word:08x}" for word in instructions) + "\n"


def test_all_runs_but_the_first_and_nothing_else_lie_between_the_marks(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    done: list[str] = []
    does = {name: partial(done.append, name) for name in ("fill", "run", "mark")}
    monkeypatch.setattr(contestant, "_mark", does["mark"])
    engine = Contestant("a", "int8", does["run"], dict, fill=does["fill"])
    contestant.run_between_marks(engine, 3)
    assert done == ["fill", "run", "mark", "run", "run", "run", "mark"]


def test_equal_blocks_are_one_wherever_they_lie() -> None:
    executions = read_blocks([line(3, 0x1000, ADD, RETURN), line(4, 0x2000, ADD, RETURN)])
    assert executions == {(ADD, RETURN): 7}
    assert instructions_of(executions) == 14


def test_a_loop_that_the_end_of_a_page_splits_is_one_block() -> None:
    pieces = [line(5, 0x1000, MULTIPLY, LOOP), line(5, 0xFF8, ADD, ADD)]
    assert read_blocks(pieces) == {(ADD, ADD, MULTIPLY, LOOP): 5}


def test_what_is_also_jumped_to_is_a_block_of_its_own_for_those_jumps() -> None:
    pieces = [line(5, 0xFF8, ADD, ADD), line(7, 0x1000, MULTIPLY, LOOP)]
    assert read_blocks(pieces) == {(ADD, ADD, MULTIPLY, LOOP): 5, (MULTIPLY, LOOP): 2}


def test_three_pieces_are_joined_as_well() -> None:
    pieces = [line(2, 0x1000, ADD), line(2, 0x1004, MULTIPLY), line(2, 0x1008, RETURN)]
    assert read_blocks(pieces) == {(ADD, MULTIPLY, RETURN): 2}


def test_nothing_is_joined_behind_a_branch() -> None:
    pieces = [line(9, 0x1000, ADD, LOOP), line(9, 0x1008, ADD, RETURN)]
    assert read_blocks(pieces) == {(ADD, LOOP): 9, (ADD, RETURN): 9}


@pytest.mark.parametrize(
    ("instruction", "branches"),
    [
        (0x14000004, True),  # b
        (0x97FFFFF0, True),  # bl
        (0x54000041, True),  # b.ne
        (0xB4000040, True),  # cbz x0
        (0x37000040, True),  # tbnz w0, 0
        (0xD63F0020, True),  # blr
        (0xD65F03C0, True),  # ret
        (0xD4000001, True),  # svc
        (0x8B020020, False),  # add
        (0x4E22CC20, False),  # fmla
        (0x3DC00000, False),  # ldr q0
        (0xF9800000, False),  # prfm
        (0xD503201F, False),  # nop
    ],
)
def test_branches_are_known(instruction: int, branches: bool) -> None:
    assert is_branch(instruction) == branches


def test_cycles_of_a_network_are_those_of_each_block_as_often_as_it_was_executed() -> None:
    report = {
        "CodeRegions": [
            {"Name": "1", "SummaryView": {"Iterations": 100, "TotalCycles": 250}},
            {"Name": "0", "SummaryView": {"Iterations": 100, "TotalCycles": 1200}},
        ]
    }
    cycles = parse(report)
    assert cycles == {0: 12.0, 1: 2.5}
    loop, end = (MULTIPLY, LOOP), (RETURN,)
    assert weigh({loop: 10, end: 2}, {loop: cycles[0], end: cycles[1]}) == 125.0
