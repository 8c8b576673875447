"""A short version of benchmarks/soak_at_home.py."""

import asyncio
import sys

from demo.instance import ROOT


async def test_an_hour_with_three_cameras_leaves_nothing_behind() -> None:
    # A test makes no timed claims, so iterations that took long are left to the benchmark.
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "benchmarks/soak_at_home.py", "--hours", "1", "--cameras", "3"),
        cwd=ROOT,
        stdout=asyncio.subprocess.PIPE,
    )
    output, _ = await asyncio.wait_for(process.communicate(), 240)
    assert b"fault:" not in output, output.decode()
    assert b"iterations" in output
