"""Classes that the user taught: renames what was detected, and drops what the user said is nothing."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from .boxes import iou
from .examples import PROPOSAL, Example, Expectation, TaughtClass
from .head import Head, fit, normalised
from .results import Box, ClassInfo, Detection, Regime

type Features = Callable[[Detection], Sequence[float]]

_THRESHOLD = 0.45  # of a taught class: its score is the detection's, which has passed its own
_SAME_OBJECT = 0.9  # cosine: a background row that shows a taught object itself
_SAME_PLACE = 0.4  # intersection over union with what is nothing
_SAME_LOOK = 0.75  # cosine to it
_MOST_BACKGROUND = 400
_LIGHTS = {Regime.DAY: Regime.DAY, Regime.DUSK: Regime.DAY, Regime.NIGHT: Regime.NIGHT}


@dataclass(frozen=True, slots=True)
class Lesson:
    """What was learnt in one light: dusk counts as day, whose colours it has."""

    head: Head
    expectations: dict[str, Expectation]


class Taught:
    """What all examples together teach.

    `background`: other objects that were seen, which nobody named; they show what the classes have to be
    told apart from. A class is recognised in the lights that it has examples of.

    `feature_length` is what the loaded bundle's object network gives: an example of another length is of
    another bundle and teaches nothing here. A class of such examples alone is known and never recognised.
    """

    def __init__(
        self,
        examples: Sequence[Example],
        background: Sequence[Example] = (),
        *,
        feature_length: int,
    ) -> None:
        fitting = [each for each in examples if len(each.features) == feature_length]
        others = [each for each in background if len(each.features) == feature_length]
        self._lessons = {
            light: lesson
            for light in set(_LIGHTS.values())
            if (
                lesson := _learn(
                    [each for each in fitting if _LIGHTS[each.regime] == light],
                    [each for each in others if _LIGHTS[each.regime] == light],
                )
            )
        }
        self.classes = tuple(
            TaughtClass(
                info=info,
                expectations={
                    light: lesson.expectations[info.name]
                    for light, lesson in self._lessons.items()
                    if info.name in lesson.expectations
                },
            )
            for info in _describe(examples)
        )
        self._roots = {
            each.info.name: {one.found_as[-1] for one in fitting if one.name == each.info.name}
            for each in self.classes
        }
        self._nothing = [each for each in fitting if each.name is None]

    def refine(
        self,
        camera: str,
        regime: Regime,
        detections: Iterable[Detection],
        *,
        proposals: Iterable[Box] = (),
        root: Callable[[str], str],
        features: Features,
    ) -> tuple[Detection, ...]:
        """Detections as what was taught, and those proposals that are something taught.

        `features` is asked only where something depends on them. `root` is the last class that a class
        implies: "vehicle" of "delivery_truck".
        """
        lesson = self._lessons.get(_LIGHTS[regime])
        refined = []
        for detection in detections:
            kind = root(detection.name)
            if self._is_nothing(camera, kind, detection, features):
                continue
            names = [name for name, roots in self._roots.items() if kind in roots]
            if lesson and names:
                name = lesson.head.recognise(features(detection), names)
                detection = replace(detection, name=name or detection.name)
            refined.append(detection)
        return *refined, *self._recognise(camera, regime, proposals, features)

    def _recognise(
        self, camera: str, regime: Regime, proposals: Iterable[Box], features: Features
    ) -> Iterator[Detection]:
        """The proposals that are something taught; the score is how like an example each is."""
        lesson = self._lessons.get(_LIGHTS[regime])
        names = [name for name, roots in self._roots.items() if PROPOSAL in roots]
        if not (lesson and names):
            return
        for box in proposals:
            proposal = Detection(name=PROPOSAL, score=0.0, box=box)
            if self._is_nothing(camera, PROPOSAL, proposal, features):
                continue
            vector = features(proposal)
            if name := lesson.head.recognise(vector, names):
                yield replace(proposal, name=name, score=lesson.head.likeness_to(name, vector))

    def _is_nothing(self, camera: str, kind: str, detection: Detection, features: Features) -> bool:
        here = [
            each.features
            for each in self._nothing
            if each.camera == camera
            and each.found_as[-1] == kind
            and iou(each.box, detection.box) >= _SAME_PLACE
        ]
        if not here:
            return False
        look = normalised(np.asarray([features(detection)], np.float64))[0]
        return bool((normalised(np.asarray(here, np.float64)) @ look).max() >= _SAME_LOOK)


def _describe(examples: Sequence[Example]) -> Iterable[ClassInfo]:
    """The classes taught; each implies what all of its examples were found as."""
    names = {each.name for each in examples if each.name is not None}
    for name in sorted(names):
        chains = [
            [kind for kind in each.found_as if kind not in {*names, PROPOSAL}]
            for each in examples
            if each.name == name
        ]
        yield ClassInfo(
            name=name,
            parents=tuple(each for each in chains[0] if all(each in chain for chain in chains)),
            on_by_default=True,
            threshold=dict.fromkeys(Regime, _THRESHOLD),
        )


def _learn(examples: Sequence[Example], background: Sequence[Example]) -> Lesson | None:
    if not any(each.name for each in examples):
        return None
    known = np.asarray([each.features for each in examples], np.float64)
    others = np.asarray([each.features for each in background], np.float64)
    others = others.reshape(-1, known.shape[1])[-_MOST_BACKGROUND:]
    alike = (normalised(others) @ normalised(known).T).max(axis=1)
    others = others[alike < _SAME_OBJECT]
    names = [each.name for each in examples] + [None] * len(others)
    return Lesson(*fit(np.vstack([known, others]), names))
