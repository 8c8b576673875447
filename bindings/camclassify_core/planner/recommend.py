"""Which design to take, and what would have to change for another to win."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from .architecture import switches
from .designs import Design, Execution, Grouping
from .predict import Prediction, predict
from .profile import Profile

_SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True, kw_only=True)
class Recommendation:
    """The design that does what is wanted with the least processor time.

    `best` is None if none does; `misfits` says for each design that does not, why; `break_evens` are
    sentences.
    """

    best: Prediction | None
    fastest: Prediction
    misfits: dict[str, str]
    break_evens: tuple[str, ...]


def recommend(predictions: Sequence[Prediction], profile: Profile) -> Recommendation:
    """Weighs designs that were predicted on one profile; there must be at least one."""
    misfits = {each.design.name: why for each in predictions if (why := _misfit(each))}
    fitting = [each for each in predictions if each.design.name not in misfits]
    best = min(fitting, key=lambda each: each.load, default=None)
    return Recommendation(
        best=best,
        fastest=min(predictions, key=lambda each: each.latency_ms),
        misfits=misfits,
        break_evens=tuple(_break_evens(predictions, profile)),
    )


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
    shared = _first(predictions, Grouping.ONE, several_heads=True)
    grouped = _first(predictions, Grouping.PER_GROUP, several_heads=True)
    large = _first(predictions, Grouping.ONE, several_heads=False) or shared
    timed = next((each for each in predictions if switches(each.design)), None)
    sentences: list[str] = []
    if shared and grouped:
        sentences += [_heads_to_share(shared.design, grouped.design, profile)]
        sentences += [_activity_to_group(shared, grouped)]
    if large and timed:
        sentences += [_switches_to_pay(large, timed)]
    sentences += [_pass_rate_to_gate(profile, predictions[0])]
    return sentences


def _first(
    predictions: Sequence[Prediction], grouping: Grouping, *, several_heads: bool
) -> Prediction | None:
    """The first design of a kind; side-by-side ones are another question."""
    return next(
        (
            each
            for each in predictions
            if each.design.grouping is grouping
            and each.design.execution is not Execution.PARALLEL
            and (len(each.design.heads) > 1) is several_heads
        ),
        None,
    )


def _heads_to_share(shared: Design, grouped: Design, profile: Profile) -> str:
    for count in range(1, len(shared.heads) + 1):
        together = predict(replace(shared, heads=shared.heads[:count]), profile)
        apart = predict(replace(grouped, heads=grouped.heads[:count]), profile)
        if together.latency_ms < apart.latency_ms:
            return f"Sharing the trunk of {shared.name!r} pays from {count} heads on."
    return f"Sharing the trunk of {shared.name!r} does not pay, even with {count} heads."


def _activity_to_group(shared: Prediction, grouped: Prediction) -> str:
    """Group networks run only when wanted; the shared trunk always runs."""
    names = {each.network for each in grouped.layers}
    costs = {
        name: sum(each.ms for each in grouped.layers if each.network == name) for name in names
    }
    first = grouped.design.heads[0].name
    rest = sum(cost for name, cost in costs.items() if name != first)
    activity = (shared.latency_ms - costs[first]) / rest
    if activity >= 1:
        return f"{grouped.design.name!r} are cheaper than {shared.design.name!r} at any activity."
    if activity <= 0:
        return f"{grouped.design.name!r} are dearer than {shared.design.name!r} at any activity."
    return (
        f"{grouped.design.name!r} pay if the groups other than {first} are wanted on less than"
        f" {activity:.0%} of the frames."
    )


def _switches_to_pay(large: Prediction, timed: Prediction) -> str:
    saved = (large.cpu_ms - timed.cpu_ms) * timed.design.fps * timed.design.cameras * _SECONDS_A_DAY
    if saved <= 0:
        return f"{timed.design.name!r} cost no less than {large.design.name!r} on any frame."
    return (
        f"{timed.design.name!r} pay up to {saved / timed.switch_ms:,.0f} switches a day over"
        f" {large.design.name!r}."
    )


def _pass_rate_to_gate(profile: Profile, prediction: Prediction) -> str:
    """The gate looks at a picture that is decoded anyway, so all it costs is the look."""
    whole = profile.decode_ms + prediction.latency_ms * profile.pause
    look = profile.gate_look_ms
    return f"The change gate pays if it stops more than {look / whole:.1%} of the snapshots."
