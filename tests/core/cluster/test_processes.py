"""Processes that are left by those that we started."""

import subprocess
import sys

STUBBORN = """
import signal, time
signal.signal(signal.SIGTERM, signal.SIG_IGN)
print(flush=True)
time.sleep(1000)
"""
PROGRAM = f"""
import subprocess, sys
STUBBORN = {STUBBORN!r}
from camclassify_core.cluster.processes import adopt, command_of, descendants, end_all
adopt()
# One that leaves a child behind, as `ray start` does, and one that does not end when it is asked to.
subprocess.run(["sh", "-c", "sleep 1000 & exit"])
stubborn = subprocess.Popen(
    [sys.executable, "-c", STUBBORN], stdout=subprocess.PIPE
)
stubborn.stdout.readline()
print(sorted(command_of(each).split()[0].split("/")[-1][:6] for each in descendants()))
end_all()
print(descendants())
"""


def test_all_that_was_started_ends() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=30, check=True
    )
    assert done.stdout.splitlines() == ["['python', 'sleep']", "[]"]
