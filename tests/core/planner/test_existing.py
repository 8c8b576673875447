"""Networks that exist are run, and what they take is put together as the design says."""

import json
from dataclasses import replace
from pathlib import Path

import pytest
from camclassify_core.cli import main
from camclassify_core.errors import BundleError
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.options import Precision
from camclassify_core.planner import existing
from camclassify_core.planner.designs import (
    Design,
    DesignRunner,
    Execution,
    Grouping,
    Head,
    Resident,
    Trunk,
)
from camclassify_core.planner.existing import Part, predict_existing
from camclassify_core.planner.predict import Prediction
from camclassify_core.planner.profile import Setting, save

from ..whole_bundle import WHOLE_BUNDLE
from .profiles import kept_profile, profile

PROFILE = profile()
TRUNK = 4.0  # runs of the reference network, as each of the heads
HEADS = {"people": 0.5, "vehicles": 1.0, "animals": 0.25}
DESIGN = Design(
    name="a design",
    trunk=Trunk(bundles=("default",) * 3),
    heads=(
        Head(name="people", classes=1),
        Head(name="vehicles", classes=1, activity=0.5),
        Head(name="animals", classes=1, activity=0.1),
    ),
    runner=DesignRunner.DIRECT,
)
YAML = """
designs:
  - name: a design
    trunk: {bundle: mine}
    heads: [{name: people}, {name: animals, activity: 0.1}]
    runner: direct
"""
APART = replace(DESIGN, grouping=Grouping.PER_GROUP)
TIMED = replace(DESIGN, grouping=Grouping.PER_REGIME, regimes=3)


def predicted(design: Design) -> Prediction:
    """On a machine where two threads cost what one does."""
    costs = PROFILE.costs | {
        replace(setting, threads=design.threads): costs for setting, costs in PROFILE.costs.items()
    }
    return predict_existing(design, replace(PROFILE, costs=costs), {"default": WHOLE_BUNDLE})


@pytest.fixture
def known_times(monkeypatch: pytest.MonkeyPatch) -> None:
    """Networks take what their trunk and heads are said to take."""

    def ratio(part: Part, setting: Setting) -> float:
        return TRUNK + sum(HEADS[head] for head in part.heads)

    monkeypatch.setattr(existing, "ratio", ratio)


@pytest.mark.usefixtures("known_times")
def test_heads_on_one_trunk_add_up_and_count_as_often_as_they_are_wanted() -> None:
    found = predicted(DESIGN)
    assert found.latency_ms == pytest.approx(2 * (TRUNK + 1.75))
    wanted = 2 * (TRUNK + 0.5 + 0.5 * 1.0 + 0.1 * 0.25)
    assert found.cpu_ms == pytest.approx(4.5 + wanted * 1.2)
    assert found.slowest_network_rule_ms == pytest.approx(2 * (TRUNK + 1))


@pytest.mark.usefixtures("known_times")
def test_group_networks_each_pay_for_a_trunk() -> None:
    found = predicted(APART)
    assert found.latency_ms == pytest.approx(2 * (3 * TRUNK + 1.75))
    wanted = 2 * ((TRUNK + 0.5) + 0.5 * (TRUNK + 1) + 0.1 * (TRUNK + 0.25))
    assert found.cpu_ms == pytest.approx(4.5 + wanted * 1.2)


@pytest.mark.usefixtures("known_times")
def test_group_networks_side_by_side_wait_for_the_slower_thread() -> None:
    found = predicted(replace(APART, execution=Execution.PARALLEL, threads=2))
    assert found.latency_ms == pytest.approx(2 * (2 * TRUNK + 0.75))


def test_ops_explain_the_latency_in_the_direct_runner_only() -> None:
    found = predicted(DESIGN)
    assert sum(cost.ms for cost in found.layers) == pytest.approx(found.latency_ms)
    assert found.layers[0].kind == "Stem"
    assert found.layers[0].channels == 3
    assert not predicted(replace(DESIGN, runner=DesignRunner.FUSED)).layers


def test_networks_of_every_light_take_more_memory_than_those_of_one() -> None:
    one = predicted(TIMED)
    every = predicted(replace(TIMED, resident=Resident.ALL))
    assert every.memory_mb > one.memory_mb
    assert one.switch_ms == one.load_ms > 0
    assert every.switch_ms == 0


def test_a_head_that_the_bundle_lacks_is_named_beside_those_that_it_has() -> None:
    unknown = replace(DESIGN, heads=(Head(name="boats", classes=1),))
    with pytest.raises(BundleError, match="no head 'boats', but people, vehicles, animals"):
        predicted(unknown)


def test_a_precision_that_the_bundle_lacks_is_named_with_the_remedy() -> None:
    with pytest.raises(BundleError, match="no plain file in int8: change the design's precision"):
        predicted(replace(DESIGN, runner=DesignRunner.ONNXRUNTIME, precision=Precision.INT8))


def test_a_bundle_is_found_where_the_command_line_says(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    designs, kept = tmp_path / "designs.yaml", tmp_path / "profile.json"
    designs.write_text(YAML)
    save(replace(kept_profile(), machine=this_machine(core.instruction_set())), kept)
    command = ["plan", str(designs), "--profile", str(kept)]

    assert main(command) == 1
    assert "--bundle mine=DIR" in capsys.readouterr().err

    assert main([*command, "--bundle", f"mine={WHOLE_BUNDLE}", "--explain"]) == 0
    told = capsys.readouterr().out
    assert "a design" in told
    assert "by kind of layer: Stem" in told
    assert "by multiply-adds" not in told

    assert main([*command, "--bundle", f"mine={WHOLE_BUNDLE}", "--json"]) == 0
    first, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert first["macs_rule_ms"] is None
    assert last["fastest"] == "a design"
