"""What layers cost is learnt from networks that were run: here from a machine of which all is known."""

import pytest
from camclassify_core.options import Precision
from camclassify_core.planner import learn
from camclassify_core.planner.designs import DesignRunner
from camclassify_core.planner.layers import Network
from camclassify_core.planner.learn import Learnt, OverheadLearner, learn_direct
from camclassify_core.planner.profile import Setting
from camclassify_core.planner.sampling import calibration_networks

from . import known_machine
from .known_machine import MACHINE, KnownMachine, KnownRuler, seconds
from .profiles import CACHES

DIRECT = Setting(runner=DesignRunner.DIRECT, precision=Precision.FP32, threads=1)
FUSED = Setting(runner=DesignRunner.FUSED, precision=Precision.FP32, threads=1)
MOST_MACS = 3e7


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network is built, and none is run."""
    monkeypatch.setattr(learn, "Loaded", KnownMachine)
    monkeypatch.setattr(learn, "timed", lambda run: run())
    monkeypatch.setattr(learn, "caches", lambda: CACHES)


def learnt() -> Learnt:
    ruler = KnownRuler()
    networks = calibration_networks(1, MOST_MACS)
    return learn_direct(Precision.FP32, MACHINE, ruler, 0, networks)


def unseen() -> list[Network]:
    networks = calibration_networks(7, MOST_MACS)
    return [next(networks) for _ in range(10)]


def factor(model: Learnt, base: Learnt) -> float:
    ratios = [model.model.cost(each) / base.model.cost(each) for each in unseen()]
    return sorted(ratios)[len(ratios) // 2]


def typical_error(model: Learnt) -> float:
    errors = [abs(model.model.cost(each) / sum(seconds(each, DIRECT)) - 1) for each in unseen()]
    return sorted(errors)[len(errors) // 2]


def test_networks_that_were_not_measured_are_predicted() -> None:
    assert typical_error(learnt()) < 0.15


def test_a_machine_that_is_disturbed_is_known_to_be_predicted_less_well(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    calm = learnt()
    monkeypatch.setattr(KnownMachine, "noise", 0.5)
    disturbed = learnt()
    assert disturbed.error > 1.5 * calm.error
    assert calm.tail == pytest.approx(1)
    assert 1.3 < disturbed.tail < 1.6


def test_another_way_of_running_the_same_ops_is_a_factor() -> None:
    base = learnt()
    learner = OverheadLearner(FUSED, base, calibration_networks(2, MOST_MACS))
    learner.measure(KnownRuler(), 0)
    assert factor(learner.learnt(), base) == pytest.approx(1.25, rel=0.1)


def test_a_window_in_which_the_machine_was_slow_changes_no_factor(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    base = learnt()
    learner = OverheadLearner(FUSED, base, calibration_networks(2, MOST_MACS))
    learner.measure(KnownRuler(), 0)
    undisturbed = factor(learner.learnt(), base)
    for slower in (1.5, 1.0):
        monkeypatch.setitem(known_machine.SLOWER, FUSED.runner, 1.25 * slower)
        learner.measure(KnownRuler(), 0)
    assert factor(learner.learnt(), base) == pytest.approx(undisturbed)


def test_a_setting_is_measured_for_as_long_as_is_wanted(monkeypatch: pytest.MonkeyPatch) -> None:
    passed = iter(range(1000))
    monkeypatch.setattr("time.monotonic", lambda: float(next(passed)))
    run: list[Counted] = []

    class Counted(KnownMachine):
        def op_seconds(self) -> list[float]:
            run.append(self)
            return super().op_seconds()

    monkeypatch.setattr(learn, "Loaded", Counted)
    ruler = KnownRuler()
    networks = calibration_networks(1, MOST_MACS)
    learn_direct(Precision.FP32, MACHINE, ruler, 30, networks)
    assert len(run) == 50  # the first twenty ask for no time
