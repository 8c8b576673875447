"""What ONNX Runtime's arena touches in a first and in later runs."""

from camclassify_core.planner.arena import Op, peak_bytes, touched_bytes

MB = 1 << 20


def chain(*sizes: int) -> list[Op]:
    """Operators of which each reads what the one before wrote."""
    return [
        Op((str(index - 1),) if index else (), str(index), size) for index, size in enumerate(sizes)
    ]


def test_the_peak_is_what_two_neighbours_of_a_chain_take() -> None:
    assert peak_bytes(chain(1, 5, 3, 4)) == 8


def test_later_runs_take_one_block_where_it_fits() -> None:
    # Two tensors of 1 MB lie in regions of 1 and 2 MB; the block of both covers the second.
    assert touched_bytes(chain(MB, MB)) == MB + 2 * MB


def test_a_block_that_fits_nowhere_gets_a_region_of_its_own() -> None:
    # 3 and 2 MB lie in regions of 4 MB each, neither of which holds a block of 5 MB.
    assert touched_bytes(chain(3 * MB, 2 * MB)) == 3 * MB + 2 * MB + 5 * MB


def test_memory_of_a_dead_tensor_is_taken_again() -> None:
    once = touched_bytes(chain(MB, MB, MB))
    assert touched_bytes(chain(*[MB] * 9)) == once


def test_in_place_takes_nothing_unless_the_tensor_is_read_later() -> None:
    ops = [*chain(MB, MB), Op(("1",), "2", MB, in_place="1")]
    assert touched_bytes(ops) == touched_bytes(chain(MB, MB))
    read_later = [*ops, Op(("1", "2"), "3", 256)]
    assert touched_bytes(read_later) > touched_bytes(ops)


def test_memory_written_in_place_again_and_again_is_never_free_for_the_plan() -> None:
    ops = [Op((), "0", MB), Op(("0",), "1", MB, in_place="0"), Op(("1",), "2", MB, in_place="1")]
    assert touched_bytes(ops) == touched_bytes(ops[:1])
    later = Op(("2",), "3", MB)
    last = Op(("3",), "4", MB)
    assert touched_bytes([*ops, later, last]) > touched_bytes([ops[0], later, last])


def test_scratch_is_touched_but_not_kept() -> None:
    plain = chain(MB, MB)
    working = [plain[0], Op(("0",), "1", MB, scratch=(4 * MB,))]
    assert touched_bytes(working) >= touched_bytes(plain) + 2 * MB
    assert peak_bytes(working) == peak_bytes(plain)
