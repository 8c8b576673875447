"""The figures and charts of docs/which-network-is-fastest.md, from this machine's profile.

    camclassify calibrate
    benchmarks/held_out_designs.py --json > verdicts.jsonl
    benchmarks/which_network.py [--verdicts verdicts.jsonl] [--charts docs/images]

The architectures are those of the question (camclassify plan); varied are how many heads there are, how
wide trunks are, and how often the groups are wanted.
"""

import argparse
import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from camclassify_core import planner
from camclassify_core.machine import this_machine
from camclassify_core.native import core
from camclassify_core.planner.design_file import read_designs
from camclassify_core.planner.designs import Design
from camclassify_core.planner.predict import predict
from camclassify_core.planner.profile import Profile, default_path, load
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator

QUESTION = Path(planner.__path__[0], "examples", "question.yaml")
NAMES = ("one large network", "class-group networks", "shared trunk with heads")
HEADS = range(1, 9)
WIDTHS = tuple(step / 8 for step in range(2, 11))
ACTIVITIES = tuple(step / 20 for step in range(21))


@dataclass(frozen=True, slots=True)
class Curve:
    """How one architecture's cost follows what is varied."""

    name: str
    values: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A design as predicted and as measured, in runs of the reference network."""

    kind: str
    predicted: float
    measured: float


def by_heads(designs: Sequence[Design], profile: Profile) -> list[Curve]:
    """Milliseconds of a frame with 1 to 8 class groups, like those of the question in turn."""
    return [
        Curve(each.name, tuple(predict(_with_heads(each, n), profile).latency_ms for n in HEADS))
        for each in designs
        if len(each.heads) > 1
    ]


def by_width(designs: Sequence[Design], profile: Profile) -> list[Curve]:
    """Milliseconds of a frame with trunks 0.25 to 1.25 wide."""
    return [
        Curve(each.name, tuple(predict(_as_wide(each, w), profile).latency_ms for w in WIDTHS))
        for each in designs
    ]


def by_activity(designs: Sequence[Design], profile: Profile) -> list[Curve]:
    """Milliseconds of processor time a frame, with the groups after the first wanted on a share of them."""
    return [
        Curve(each.name, tuple(_network_ms(_wanted(each, x), profile) for x in ACTIVITIES))
        for each in designs
    ]


def _with_heads(design: Design, count: int) -> Design:
    heads = design.heads
    return replace(
        design,
        heads=tuple(replace(heads[n % len(heads)], name=f"head {n}") for n in range(count)),
    )


def _as_wide(design: Design, width: float) -> Design:
    return replace(design, trunk=replace(design.trunk, width=width))


def _wanted(design: Design, share: float) -> Design:
    first, *others = design.heads
    return replace(design, heads=(first, *(replace(head, activity=share) for head in others)))


def _network_ms(design: Design, profile: Profile) -> float:
    """Processor time of the networks alone, in a tight loop."""
    found = predict(design, profile)
    return (found.cpu_ms - profile.decode_ms) / profile.pause


def _print(title: str, head: Sequence[str], curves: Sequence[Curve], pick: Sequence[int]) -> None:
    print(f"\n{title}\n")
    print(f"| | {' | '.join(head)} |")
    print("|---" * (len(pick) + 1) + "|")
    for curve in curves:
        print(f"| {curve.name} | {' | '.join(f'{curve.values[n]:.2f}' for n in pick)} |")


def _draw(
    file: Path, x: Sequence[float], curves: Sequence[Curve], x_label: str, y_label: str
) -> None:
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.add_subplot()
    for curve in curves:
        axes.plot(x, curve.values, marker="o", markersize=3, label=curve.name)
    axes.set_xlabel(x_label)
    axes.set_ylabel(y_label)
    axes.set_ylim(bottom=0)
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    print(file)


def _draw_verdicts(file: Path, verdicts: Sequence[Verdict], reference_ms: float) -> None:
    """Predicted against measured; the band is 5% wide on either side."""
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.add_subplot()
    for kind in dict.fromkeys(each.kind for each in verdicts):
        points = [each for each in verdicts if each.kind == kind]
        axes.scatter(
            [each.measured * reference_ms for each in points],
            [each.predicted * reference_ms for each in points],
            s=14,
            label=kind,
        )
    ends = [pick(each.measured for each in verdicts) * reference_ms for pick in (min, max)]
    axes.plot(ends, ends, color="grey", linewidth=0.8)
    axes.fill_between(ends, [0.95 * ms for ms in ends], [1.05 * ms for ms in ends], alpha=0.2)
    axes.set(xscale="log", yscale="log", xlabel="measured, ms", ylabel="predicted, ms")
    for axis in (axes.xaxis, axes.yaxis):
        axis.set_major_locator(FixedLocator((1, 2, 5, 10, 20, 50, 100)))
        axis.set_major_formatter("{x:g}")
        axis.set_minor_formatter("")
    axes.legend(fontsize="small")
    axes.grid(alpha=0.3)
    figure.savefig(file, metadata={"Date": None})
    print(file)


def _read_verdicts(file: Path) -> Iterator[Verdict]:
    for line in file.read_text(encoding="utf-8").splitlines():
        content = json.loads(line)
        if design := content.get("design"):
            threads = f", {design['threads']} threads" if design["threads"] > 1 else ""
            yield Verdict(
                kind=f"{design['runner']} {design['precision']}{threads}",
                predicted=content["predicted"],
                measured=content["measured"]["ratio"],
            )


def main() -> None:
    """Prints the tables, and draws the charts if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--profile", type=Path, default=default_path())
    parser.add_argument("--verdicts", type=Path, help="what `plan --verify --json` printed")
    parser.add_argument("--charts", type=Path, help="folder for the charts")
    arguments = parser.parse_args()
    profile = load(arguments.profile, this_machine(core.instruction_set()))
    named = {design.name: design for design in read_designs(QUESTION)}
    designs = [named[name] for name in NAMES]
    heads, activities = by_heads(designs, profile), by_activity(designs, profile)
    _print("ms of a frame, by class groups", [str(n) for n in HEADS], heads, range(len(HEADS)))
    widths = by_width(designs, profile)
    _print("ms of a frame, by width", [f"{w:g}" for w in WIDTHS], widths, range(len(WIDTHS)))
    shown = range(0, len(ACTIVITIES), 5)
    shares = [f"{ACTIVITIES[n]:.0%}" for n in shown]
    _print(
        "ms of processor time a frame, by how often groups are wanted", shares, activities, shown
    )
    if folder := arguments.charts:
        _draw(folder / "which-network-heads.svg", HEADS, heads, "class groups", "ms of a frame")
        _draw(
            folder / "which-network-width.svg",
            WIDTHS,
            widths,
            "width of each trunk",
            "ms of a frame",
        )
        _draw(
            folder / "which-network-activity.svg",
            [100 * share for share in ACTIVITIES],
            activities,
            "% of the frames on which the groups after the first are wanted",
            "ms of processor time, average frame",
        )
        if arguments.verdicts:
            verdicts = list(_read_verdicts(arguments.verdicts))
            _draw_verdicts(folder / "which-network-proof.svg", verdicts, profile.reference_ms)


if __name__ == "__main__":
    main()
