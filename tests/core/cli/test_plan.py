"""`camclassify plan` takes the same options for the same things as all other commands."""

import pytest
from camclassify_core.cli import command_line, plan
from camclassify_core.planner.designs import Runner


@pytest.mark.parametrize(
    ("options", "runners"),
    [
        ([], list(Runner)),
        (["--runner", "direct"], [Runner.DIRECT]),
        (["--runner", "onnxruntime"], [Runner.FUSED]),
        (["--runner", "onnxruntime", "--unfused"], [Runner.ONNXRUNTIME]),
        (["--unfused"], [Runner.ONNXRUNTIME]),
    ],
)
def test_a_runner_is_what_it_is_to_the_engine(options: list[str], runners: list[Runner]) -> None:
    arguments = command_line().parse_args(["plan", "--verify", "--held-out", "4", *options])
    assert plan.held_out_runners(arguments) == runners
