"""The text that Prometheus reads."""

from camclassify_core.server.metrics import Metrics, Value


def test_every_value_has_its_type_and_its_help() -> None:
    metrics = Metrics()
    metrics.count("camclassify", "ok")
    metrics.count("camclassify", "Superseded")
    metrics.time({"total": 0.003, "waiting": 0.001, "scene": 5.0})
    lines = metrics.text([Value("camclassify_cameras", "Those.", 3.0)]).splitlines()
    types = {line.split()[2]: line.split()[3] for line in lines if line.startswith("# TYPE")}
    helped = {line.split()[2] for line in lines if line.startswith("# HELP")}
    assert types == {
        "camclassify_requests_total": "counter",
        "camclassify_stage_seconds": "histogram",
        "camclassify_waiting": "gauge",
        "camclassify_cameras": "gauge",
    }
    assert helped == set(types)
    assert 'camclassify_requests_total{model="camclassify",outcome="Superseded"} 1' in lines
    assert "camclassify_cameras 3" in lines


def test_a_histogram_counts_what_is_at_most_its_bound() -> None:
    metrics = Metrics()
    for seconds in (0.001, 0.0011, 0.9, 7.0):
        metrics.time({"total": seconds})
    lines = metrics.text(()).splitlines()
    for bound, count in (("0.001", 1), ("0.0025", 2), ("0.5", 2), ("1.0", 3), ("+Inf", 4)):
        assert f'camclassify_stage_seconds_bucket{{stage="total",le="{bound}"}} {count}' in lines
    assert 'camclassify_stage_seconds_sum{stage="total"} 7.902100' in lines
    assert 'camclassify_stage_seconds_count{stage="total"} 4' in lines


def test_several_fronts_are_told_apart() -> None:
    metrics = Metrics({"front": "a1"})
    metrics.count("camclassify", "ok")
    metrics.time({"total": 0.003})
    engine = Value("camclassify_engine_lanes", "Those.", 2, {"engine": "b2"})
    lines = metrics.text([engine]).splitlines()
    for line in (
        'camclassify_requests_total{front="a1",model="camclassify",outcome="ok"} 1',
        'camclassify_stage_seconds_bucket{front="a1",stage="total",le="+Inf"} 1',
        'camclassify_waiting{front="a1"} 0',
        'camclassify_engine_lanes{front="a1",engine="b2"} 2',
    ):
        assert line in lines
