"""How `camclassify plan` prints what it found."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import asdict

from camclassify_core.planner.designs import PRECISIONS
from camclassify_core.planner.predict import Prediction
from camclassify_core.planner.recommend import Recommendation
from camclassify_core.planner.verdict import Summary, Verdict, summarise

from .output import print_json, print_table

_DOMINANT = 3


def print_tables(
    predictions: Sequence[Prediction], recommendation: Recommendation, *, explain: bool
) -> None:
    """For people."""
    best = recommendation.best
    print_table(
        [_row(each, recommendation) for each in predictions],
        header=[
            "design",
            "ms a frame",
            "90% within",
            "one in 20 over",
            "frames/s",
            "of a core",
            "MB",
            "load ms",
            "new light ms",
            "",
        ],
    )
    print()
    for name, why in recommendation.misfits.items():
        print(f"{name}: {why}.")
    fastest = recommendation.fastest
    print(f"Fastest: {fastest.design.name}, {fastest.latency_ms:.2f} ms a frame.")
    if faster := recommendation.perhaps_faster:
        print(
            f"Perhaps faster, on {faster.design.threads} threads: {faster.design.name},"
            f" {faster.latency_ms:.2f} ms, but the two lie within what predictions are off by."
        )
    if best:
        print(f"Take: {best.design.name}. {_wanted(best)} take {best.load:.1%} of a core.")
    else:
        print("None of these designs does what is wanted: ask for fewer frames or a lower")
        print("resolution, or allow more memory.")
    print("\nWhat would change that:")
    for sentence in recommendation.break_evens:
        print(f"- {sentence}")
    if explain:
        _print_explanations(predictions)


def _wanted(prediction: Prediction) -> str:
    design = prediction.design
    cameras = "1 camera" if design.cameras == 1 else f"{design.cameras} cameras"
    text = f"{cameras} at {design.fps:g} frames a second"
    if design.gate_pass_rate < 1:
        text += f", {1 - design.gate_pass_rate:.0%} of them unchanged,"
    return text


def print_lines(predictions: Sequence[Prediction], recommendation: Recommendation) -> None:
    """For programs: a line per design, and one for the recommendation."""
    for each in predictions:
        print_json(asdict(each))
    faster = recommendation.perhaps_faster
    print_json(
        {
            "best": recommendation.best.design.name if recommendation.best else None,
            "fastest": recommendation.fastest.design.name,
            "perhaps_faster": faster.design.name if faster else None,
            "misfits": recommendation.misfits,
            "break_evens": list(recommendation.break_evens),
        }
    )


def print_verdicts(verdicts: Sequence[Verdict], reference_ms: float) -> None:
    """Predicted against measured, for people."""
    print_table(
        [_verdict_row(each, reference_ms) for each in verdicts],
        header=[
            "design",
            "predicted ms",
            "measured ms",
            "error",
            "again",
            "MB predicted",
            "measured",
            "error",
        ],
    )
    print()
    groups = {"all": verdicts}
    for precision in PRECISIONS:
        of_it = [each for each in verdicts if each.design.precision is precision]
        if 0 < len(of_it) < len(verdicts):
            groups[precision] = of_it
    columns = [_summary_column(summarise(group)) for group in groups.values()]
    titles = [f"{name} ({len(group)})" for name, group in groups.items()]
    print_table(
        [list(row) for row in zip(_SUMMARY_ROWS, *columns, strict=True)], header=["", *titles]
    )


_SUMMARY_ROWS = (
    "latency within 5%",
    "latency within 10%",
    "worst latency error",
    "mean error, with sign",
    "measured again within 5%",
    "measured again within 10%",
    "typical difference of the two",
    "memory within 5%",
    "worst memory error",
    "pairs over 10% apart ordered right",
    "pairs 5-10% apart ordered right",
    "fastest design named",
)


def _summary_column(summary: Summary) -> list[str]:
    return [
        f"{summary.within_5:.1%}",
        f"{summary.within_10:.1%}",
        f"{summary.worst:.1%}",
        f"{summary.bias:+.1%}",
        f"{summary.again_within_5:.1%}",
        f"{summary.again_within_10:.1%}",
        f"{summary.again_typical:.1%}",
        f"{summary.memory_within_5:.1%}",
        f"{summary.memory_worst:.1%}",
        _pairs(summary.ordered_10, summary.pairs_10),
        _pairs(summary.ordered_5, summary.pairs_5),
        "yes" if summary.fastest_named else "no",
    ]


def print_verdict_lines(verdicts: Sequence[Verdict]) -> None:
    """Predicted against measured, for programs."""
    for each in verdicts:
        print_json(asdict(each) | {"error": each.error, "memory_error": each.memory_error})
    print_json(asdict(summarise(verdicts)))


def _row(each: Prediction, recommendation: Recommendation) -> list[str]:
    name = each.design.name
    if each is recommendation.best:
        verdict = "<- take this"
    else:
        verdict = "too much" if name in recommendation.misfits else ""
    return [
        name,
        f"{each.latency_ms:.2f}",
        f"{each.low_ms:.2f}-{each.high_ms:.2f}",
        f"{each.p95_ms:.2f}",
        f"{each.frames_per_second:.0f}",
        f"{each.load:.1%}",
        f"{each.memory_mb:.0f}",
        f"{each.load_ms:.0f}",
        f"{each.switch_ms:.0f}" if each.switch_ms else "-",
        verdict,
    ]


def _verdict_row(each: Verdict, reference_ms: float) -> list[str]:
    return [
        each.design.name,
        f"{each.predicted * reference_ms:.2f}",
        f"{each.measured.ratio * reference_ms:.2f}",
        f"{each.error:+.1%}",
        f"{each.again.ratio / each.measured.ratio - 1:+.1%}",
        f"{each.predicted_mb:.1f}",
        f"{each.measured_mb:.1f}",
        f"{each.memory_error:+.1%}",
    ]


def _pairs(share: float | None, count: int) -> str:
    return "no such pair" if share is None else f"{share:.1%} of {count}"


def _print_explanations(predictions: Sequence[Prediction]) -> None:
    for each in predictions:
        print(f"\n{each.design.name}: {each.latency_ms:.2f} ms")
        slowest = each.slowest_network_rule_ms / each.latency_ms - 1
        print(
            f"  rule 'as slow as its slowest sub-network': {each.slowest_network_rule_ms:.2f} ms"
            f" ({slowest:+.0%})"
        )
        if each.macs_rule_ms is not None:
            macs = each.macs_rule_ms / each.latency_ms - 1
            print(f"  rule 'by multiply-adds': {each.macs_rule_ms:.2f} ms ({macs:+.0%})")
        kinds: dict[str, float] = defaultdict(float)
        for cost in each.layers:
            kinds[cost.kind] += cost.ms
        whole = sum(kinds.values())
        shares = ", ".join(f"{kind} {ms / whole:.0%}" for kind, ms in kinds.items())
        if shares:
            print(f"  by kind of layer: {shares}")
        dearest = sorted(each.layers, key=lambda cost: -cost.ms)[:_DOMINANT]
        for cost in dearest:
            print(
                f"  {cost.ms:.2f} ms: {cost.network}, {cost.kind} {cost.size}x{cost.size},"
                f" {cost.channels} to {cost.filters} channels"
            )
