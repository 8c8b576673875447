"""What waits for the worker and what it works on: per camera only the latest snapshot waits."""

import asyncio
from dataclasses import dataclass, field
from itertools import count

from camclassify_core.errors import SnapshotError, Superseded

from .protocol import LANE_OPS, Call, Message
from .quarantine import Quarantine


@dataclass(slots=True, eq=False)
class Job:
    """One call, and the future that its answer goes to.

    `camera` names what a newer job of the same camera replaces; nothing if empty. `home`: of a server, whose
    it is. `is_suspect`: it was being answered, beside others, when a worker ended. `is_to_blame`: that it was
    this one is known. `memory` is handed over with it: a stream's name, and a descriptor.
    """

    call: Call
    camera: str = ""
    home: str = ""
    answer: asyncio.Future[Message] = field(default_factory=asyncio.Future)
    is_suspect: bool = False
    is_to_blame: bool = False
    memory: tuple[str, int] | None = None

    @property
    def is_for_a_lane(self) -> bool:
        """Whether one lane does it; else it concerns all lanes."""
        return self.call.op in LANE_OPS

    def finish(self, answer: Message) -> None:
        """Hands over the answer, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Answers with an error, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Jobs:
    """Hands out jobs: as many pictures at a time as there are `lanes`, those of a camera one after the other.

    A newer job of a camera takes the place of the one that still waits. Homes take turns, so that one that
    asks too much waits for itself. What concerns all lanes comes before the pictures, and no other job is
    begun until it is answered: a snapshot that was given after new options is classified with them.

    When a worker ends, one of those that it worked on is to blame: they are handed out once more, each
    alone, and one that is worked on alone when the worker ends fails. Whose pictures keep ending it waits,
    so that the others go on.
    """

    def __init__(self, quarantine: Quarantine | None = None) -> None:
        self.lanes = 1
        self._quarantine = quarantine or Quarantine()
        self._begun: list[Job] = []
        self._for_all: list[Job] = []
        self._suspects: list[Job] = []
        self._waiting: dict[object, Job] = {}
        self._turns: dict[str, int] = {}  # when it was a home's turn last
        self._turn = count(1)
        self._changed = asyncio.Event()

    def put(self, job: Job) -> None:
        """Adds a job; the one that it replaces fails with `Superseded`.

        One that may not be tried now fails at once, with `SnapshotError`.
        """
        self._changed.set()
        if not job.is_for_a_lane:
            self._for_all.append(job)
            return
        if wait := self._quarantine.wait(job.camera, job.home):
            job.fail(
                SnapshotError(
                    "Pictures of this camera keep ending the worker: the next one is looked at in"
                    f" {wait:.0f} s."
                )
            )
            return
        for older in (*self._suspects, *self._waiting.values()):
            if job.camera and older.camera == job.camera:
                older.fail(Superseded(f"A newer snapshot of {job.camera} came first."))
        self._waiting[job.camera or job] = job

    async def get(self) -> Job:
        """The next job that may be begun and that somebody still wants."""
        while (job := self._next()) is None:
            self._changed.clear()
            await self._changed.wait()
        self._begun.append(job)
        return job

    def done(self, job: Job) -> None:
        """Notes that the worker has answered."""
        self._begun.remove(job)
        self._quarantine.clear(job.camera)
        self._changed.set()

    def worker_ended(self, error: Exception) -> bool:
        """Fails the job that is to blame, if it is known; the others go on with the next worker.

        Returns whether those like it are kept away from now on.
        """
        is_settled = False
        begun, self._begun = self._begun, []
        is_known = any(job.is_to_blame for job in begun)
        for job in begun:
            if not job.is_for_a_lane:
                job.fail(error)
            elif job.is_to_blame or len(begun) == 1:
                is_settled = self._quarantine.blame(job.camera, job.home)
                job.fail(error)
            else:
                job.is_suspect = not is_known
                self._suspects.append(job)
        return is_settled

    def fail_all(self, error: Exception) -> None:
        """Fails what waits and what was begun."""
        for job in (*self._begun, *self._for_all, *self._suspects, *self._waiting.values()):
            job.fail(error)
        for jobs in (self._begun, self._for_all, self._suspects, self._waiting):
            jobs.clear()

    def _next(self) -> Job | None:
        self._drop_unwanted()
        if any(not each.is_for_a_lane for each in self._begun):
            return None
        if self._for_all:
            return self._for_all.pop(0)
        if self._suspects:
            return None if self._begun else self._suspects.pop(0)
        if len(self._begun) >= self.lanes or any(each.is_suspect for each in self._begun):
            return None
        cameras = {each.camera for each in self._begun if each.camera}
        ready = {key: job for key, job in self._waiting.items() if job.camera not in cameras}
        if not ready:
            return None
        key = min(ready, key=lambda key: self._turns.get(ready[key].home, 0))
        self._turns[ready[key].home] = next(self._turn)
        return self._waiting.pop(key)

    def _drop_unwanted(self) -> None:
        """Passes over what nobody waits for any more."""
        self._for_all = [each for each in self._for_all if not each.answer.done()]
        self._suspects = [each for each in self._suspects if not each.answer.done()]
        for key in [key for key, each in self._waiting.items() if each.answer.done()]:
            del self._waiting[key]
