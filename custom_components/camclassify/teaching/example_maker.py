"""Objects in kept snapshots, as examples that the engine can learn from."""

import asyncio
from base64 import b64encode
from collections.abc import Iterable

from camclassify_core import Box, CamClassifyError, Example, Regime, Request
from camclassify_core.boxes import iou
from camclassify_core.examples import PROPOSAL
from homeassistant.exceptions import ServiceValidationError
from homeassistant.util.ulid import ulid_now

from ..engine.shared import SharedEngine
from ..evidence.store import EvidenceStore, KeptSnapshot
from ..user_errors import invalid

MAX_BACKGROUND = 20
PICTURE_SIDE = 96  # pixels
LEAST_SCORE = 0.2  # of what can be marked
LEAST_OVERLAP = 0.3  # intersection over union of a drawn box with what is detected there


class ExampleMaker:
    """Looks at marked objects as the engine will look at them later."""

    def __init__(self, engine: SharedEngine, evidence: EvidenceStore) -> None:
        """Remember nothing yet."""
        self._engine = engine
        self._evidence = evidence
        self._background: dict[str, Example] = {}

    async def async_make(
        self, kept: KeptSnapshot, name: str | None, box: Box | None
    ) -> tuple[Example, str]:
        """Return the marked object and a small picture of it (JPEG in base64).

        Without a box it is the object that the snapshot was kept for. Raises ServiceValidationError,
        CamClassifyError.
        """
        snapshot = await self._async_read(kept)
        if box is not None:
            found_as, box = await self._async_find(kept, snapshot, box)
        elif kept.class_name:
            found_as, box = kept.class_name, kept.box
        else:
            raise invalid("nothing_marked")
        example, picture = await asyncio.gather(
            self._async_example(kept, snapshot, name, found_as, box),
            self._engine.client.cut_out(snapshot, box, PICTURE_SIDE),
        )
        return example, b64encode(picture).decode()

    async def async_background(self, examples: Iterable[Example]) -> list[Example]:
        """Return objects that nobody named: the latest arrivals that are no examples."""
        named = {(each.camera, each.box) for each in examples}
        others = [
            kept
            for kept in self._evidence.async_all()
            if kept.class_name and (kept.camera, kept.box) not in named
        ][:MAX_BACKGROUND]
        for kept in others:
            if kept.id not in self._background:
                try:
                    self._background[kept.id] = await self._async_example(
                        kept, await self._async_read(kept), None, kept.class_name, kept.box
                    )
                except CamClassifyError, ServiceValidationError:
                    continue
        self._background = {
            kept.id: self._background[kept.id] for kept in others if kept.id in self._background
        }
        return list(self._background.values())

    async def _async_read(self, kept: KeptSnapshot) -> bytes:
        snapshot = await self._evidence.async_read(kept.id, drawn=False)
        if snapshot is None:
            raise invalid("snapshot_gone")
        return snapshot

    async def _async_find(self, kept: KeptSnapshot, snapshot: bytes, box: Box) -> tuple[str, Box]:
        """Return what is detected or moved in a drawn box: a name is given to nothing else."""
        result = await self._engine.client.classify(
            snapshot, Request(use_gate=False, min_score=LEAST_SCORE)
        )
        found = [(each.name, each.box) for each in result.detections]
        moved = [(PROPOSAL, each) for each in kept.proposals]
        for candidates in (found, moved):
            best = max(candidates, key=lambda each: iou(each[1], box), default=None)
            if best and iou(best[1], box) >= LEAST_OVERLAP:
                return best
        raise invalid("nothing_there")

    async def _async_example(
        self, kept: KeptSnapshot, snapshot: bytes, name: str | None, found_as: str, box: Box
    ) -> Example:
        parents = {info.name: info.parents for info in self._engine.classes}
        return Example(
            id=ulid_now(),
            name=name,
            camera=kept.camera,
            box=box,
            regime=Regime(kept.regime),
            found_as=(found_as, *parents.get(found_as, ())),
            features=await self._engine.client.features(snapshot, box, kept.regime),
        )
