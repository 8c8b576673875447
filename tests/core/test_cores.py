"""How many cores there are, on machines and in containers of all kinds."""

import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from camclassify_core.cores import default_lanes, usable_cores

MAX_FREQ = "sys/devices/system/cpu/cpu{}/cpufreq/cpuinfo_max_freq"
CAPACITY = "sys/devices/system/cpu/cpu{}/cpu_capacity"


def machine(root: Path, files: Mapping[str, str]) -> Path:
    for name, text in files.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
    return root


def speeds(file: str, *of_cores: int) -> dict[str, str]:
    return {file.format(core): f"{speed}\n" for core, speed in enumerate(of_cores)}


def test_this_process_may_use_a_core() -> None:
    assert 1 <= default_lanes() <= usable_cores() <= (os.cpu_count() or 1)


@pytest.mark.parametrize(("cores", "lanes"), [(1, 1), (2, 1), (3, 1), (4, 2), (16, 8), (256, 64)])
def test_half_of_the_cores_that_it_may_run_on_answer(
    tmp_path: Path, cores: int, lanes: int
) -> None:
    allowed = range(10, 10 + cores)
    assert usable_cores(tmp_path, allowed) == cores
    assert default_lanes(tmp_path, allowed) == lanes


@pytest.mark.parametrize(
    ("files", "cores"),
    [
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "200000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "150000 100000\n"}, 2),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "10000 100000\n"}, 1),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "max 100000\n"}, 8),
        ({"proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/cpu.max": "300000 100000\n"}, 3),
        (
            {
                "proc/self/cgroup": "0::/a/b\n",
                "sys/fs/cgroup/a/b/cpu.max": "max 100000\n",
                "sys/fs/cgroup/a/cpu.max": "500000 100000\n",
            },
            5,
        ),
        (
            {
                "proc/self/cgroup": "9:memory:/x\n4:cpu,cpuacct:/docker/1\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_quota_us": "400000\n",
                "sys/fs/cgroup/cpu,cpuacct/docker/1/cpu.cfs_period_us": "100000\n",
            },
            4,
        ),
        (
            {  # inside a container, which has its own group at the top
                "proc/self/cgroup": "4:cpu,cpuacct:/docker/1\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_quota_us": "250000\n",
                "sys/fs/cgroup/cpu,cpuacct/cpu.cfs_period_us": "100000\n",
            },
            3,
        ),
        (
            {
                "proc/self/cgroup": "4:cpu:/\n",
                "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1\n",
                "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000\n",
            },
            8,
        ),
        ({"proc/self/cgroup": "no control group\n\n::\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "many\n"}, 8),
        ({"proc/self/cgroup": "0::/\n", "sys/fs/cgroup/cpu.max": "1 0\n"}, 8),
    ],
)
def test_a_container_gets_what_its_quota_is_worth(
    tmp_path: Path, files: dict[str, str], cores: int
) -> None:
    root = machine(tmp_path, files)
    assert usable_cores(root, range(8)) == cores
    assert default_lanes(root, range(8)) == max(1, cores // 2)


@pytest.mark.parametrize("file", [CAPACITY, MAX_FREQ])
def test_no_more_lanes_than_large_cores(tmp_path: Path, file: str) -> None:
    root = machine(tmp_path, speeds(file, 414, 414, 414, 414, 414, 414, 1024, 1024))
    assert usable_cores(root, range(8)) == 8
    assert default_lanes(root, range(8)) == 2
    assert default_lanes(root, range(6)) == 3, "all that it may run on are alike"


def test_cores_that_are_nearly_alike_count_alike(tmp_path: Path) -> None:
    root = machine(tmp_path, speeds(MAX_FREQ, 4_700_000, 4_900_000, 4_700_000, 4_600_000))
    assert default_lanes(root, range(4)) == 2
