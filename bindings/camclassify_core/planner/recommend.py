"""Which design to take, and what would have to change for another to win."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .architecture import switches
from .designs import Design, Execution, Grouping, Head
from .predict import Prediction, predict
from .profile import Profile

_SECONDS_A_DAY = 86_400
_MOST_HEADS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The design that does what is wanted with the least processor time.

    `best` is None if none does; `misfits` says for each design that does not, why; `break_evens` are
    sentences. `perhaps_faster` than the fastest is a design on more threads, if the intervals overlap.
    """

    best: Prediction | None
    fastest: Prediction
    perhaps_faster: Prediction | None
    misfits: dict[str, str]
    break_evens: tuple[str, ...]


def recommend(predictions: Sequence[Prediction], profile: Profile) -> Recommendation:
    """Weighs designs that were predicted on one profile; there must be at least one."""
    misfits = {each.design.name: why for each in predictions if (why := _misfit(each))}
    fitting = [each for each in predictions if each.design.name not in misfits]
    best = min(fitting, key=lambda each: each.load, default=None)
    quickest = min(predictions, key=_latency)
    fastest = _named_fastest(predictions)
    return Recommendation(
        best=best,
        fastest=fastest,
        perhaps_faster=None if fastest is quickest else quickest,
        misfits=misfits,
        break_evens=tuple(_break_evens(predictions, profile)),
    )


def _latency(prediction: Prediction) -> float:
    return prediction.latency_ms


def _named_fastest(predictions: Sequence[Prediction]) -> Prediction:
    """More threads have to show that they help: else the best on fewer, if its interval overlaps."""
    quickest = min(predictions, key=_latency)
    for threads in sorted({each.design.threads for each in predictions}):
        best = min((each for each in predictions if each.design.threads == threads), key=_latency)
        if threads < quickest.design.threads and best.low_ms <= quickest.high_ms:
            return best
    return quickest


def _misfit(prediction: Prediction) -> str:
    design = prediction.design
    if design.memory_mb is not None and prediction.memory_mb > design.memory_mb:
        return (
            f"needs {prediction.memory_mb:.0f} MB of the {design.memory_mb:.0f} MB that it may have"
        )
    if prediction.load > design.threads:
        wanted = design.fps * design.cameras
        reached = wanted * design.threads / prediction.load
        return f"reaches {reached:.1f} of {wanted:g} frames a second"
    return ""


def _break_evens(predictions: Sequence[Prediction], profile: Profile) -> list[str]:
    """What can be told; heads cannot be added to networks that exist, nor told apart in them."""
    described = [each for each in predictions if not each.design.trunk.bundles]
    sentences: list[str] = []
    if grouped := _first(described, Grouping.PER_GROUP):
        shared = _like(grouped, described, several_heads=True)
        if shared and len(shared.design.heads) > 1:
            sentences += [_heads_to_share(shared.design, grouped.design, profile)]
            sentences += [_activity_to_group(shared, grouped)]
    if timed := next((each for each in predictions if switches(each.design)), None):
        several = len(timed.design.heads) > 1
        if large := _like(timed, predictions, several_heads=several):
            sentences += [_switches_to_pay(large, timed)]
    sentences += [_pass_rate_to_gate(profile, predictions[0])]
    return sentences


def _first(predictions: Sequence[Prediction], grouping: Grouping) -> Prediction | None:
    """The first design of a kind; side-by-side ones are another question."""
    return next(
        (
            each
            for each in predictions
            if each.design.grouping is grouping and each.design.execution is not Execution.PARALLEL
        ),
        None,
    )


def _like(
    other: Prediction, predictions: Sequence[Prediction], *, several_heads: bool
) -> Prediction | None:
    """The design on one trunk that is most like another one: family, precision and runner, resolution."""

    def likeness(each: Prediction) -> tuple[bool, ...]:
        one, two = each.design, other.design
        return (
            (len(one.heads) > 1) is several_heads,
            one.trunk.family is two.trunk.family,
            (one.precision, one.runner) == (two.precision, two.runner),
            one.trunk.resolution == two.trunk.resolution,
            one.gate_pass_rate == two.gate_pass_rate,
        )

    candidates = [
        each
        for each in predictions
        if each.design.grouping is Grouping.ONE and each.design.execution is not Execution.PARALLEL
    ]
    return max(candidates, key=likeness, default=None)


def _heads_to_share(shared: Design, grouped: Design, profile: Profile) -> str:
    """With the design's own heads, and more like them where these do not suffice."""
    for count in range(1, _MOST_HEADS + 1):
        together = predict(replace(shared, heads=_more(shared.heads, count)), profile)
        apart = predict(replace(grouped, heads=_more(grouped.heads, count)), profile)
        if together.latency_ms < apart.latency_ms:
            heads = "its first head" if count == 1 else f"{count} heads"
            return f"Sharing the trunk of {shared.name!r} pays from {heads} on."
    return f"Sharing the trunk of {shared.name!r} does not pay, even with {_MOST_HEADS} heads."


def _more(heads: tuple[Head, ...], count: int) -> tuple[Head, ...]:
    """So many heads, like those given in turn."""
    return tuple(replace(heads[index % len(heads)], name=f"head {index}") for index in range(count))


def _activity_to_group(shared: Prediction, grouped: Prediction) -> str:
    """Group networks and heads alike run only when wanted, but a shared trunk always does.

    With the groups other than the first wanted on the same share x of the frames, each costs
    always + x * rest.
    """
    shared_always, shared_rest = _always_and_rest(shared)
    grouped_always, grouped_rest = _always_and_rest(grouped)
    names = f"{grouped.design.name!r}", f"{shared.design.name!r}"
    cheaper_at_rest = grouped_always < shared_always
    cheaper_at_all = grouped_always + grouped_rest < shared_always + shared_rest
    if cheaper_at_rest is cheaper_at_all:
        than = "cheaper" if cheaper_at_all else "dearer"
        return f"{names[0]} are {than} than {names[1]} however often the groups are wanted."
    activity = (shared_always - grouped_always) / (grouped_rest - shared_rest)
    first = grouped.design.heads[0].name
    side = "less" if cheaper_at_rest else "more"
    return (
        f"{names[0]} pay if the groups other than {first} are wanted on {side} than"
        f" {activity:.0%} of the frames."
    )


def _always_and_rest(prediction: Prediction) -> tuple[float, float]:
    """Milliseconds of the trunk and the first head, and of the other heads or networks."""
    first = prediction.design.heads[0].name
    always = sum(each.ms for each in prediction.layers if each.head in (None, first))
    return always, sum(each.ms for each in prediction.layers) - always


def _switches_to_pay(large: Prediction, timed: Prediction) -> str:
    saved = (large.cpu_ms - timed.cpu_ms) * timed.design.fps * timed.design.cameras * _SECONDS_A_DAY
    if saved <= 0:
        return f"{timed.design.name!r} cost no less than {large.design.name!r} on any frame."
    return (
        f"{timed.design.name!r} pay up to {saved / timed.switch_ms:,.0f} switches a day over"
        f" {large.design.name!r}."
    )


def _pass_rate_to_gate(profile: Profile, prediction: Prediction) -> str:
    """What the gate stops costs a coarser decoding and its look; what it passes, the look on top."""
    networks = prediction.latency_ms * profile.pause
    saved = profile.decode_ms + networks - profile.gate_ms
    share = profile.gate_look_ms / saved if saved > 0 else 1.0
    return f"The change gate pays if it stops more than {share:.1%} of the snapshots."
