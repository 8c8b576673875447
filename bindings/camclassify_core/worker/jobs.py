"""What waits for the worker: per camera only the latest snapshot."""

import asyncio
from dataclasses import dataclass, field
from itertools import dropwhile

from camclassify_core.errors import Superseded

from .protocol import Call, Message


@dataclass(slots=True, eq=False)
class Job:
    """One call, and the future that its answer goes to.

    `camera` names what a newer job of the same camera replaces; nothing if empty.
    """

    call: Call
    camera: str = ""
    answer: asyncio.Future[Message] = field(default_factory=asyncio.Future)

    def finish(self, answer: Message) -> None:
        """Hands over the answer, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_result(answer)

    def fail(self, error: Exception) -> None:
        """Answers with an error, unless nobody waits any more."""
        if not self.answer.done():
            self.answer.set_exception(error)


class Jobs:
    """A queue in which a newer job of a camera takes the place of the one that still waits.

    It never overtakes what has no camera, though: a snapshot that was given after new options is
    classified with them.
    """

    def __init__(self) -> None:
        self._taken: Job | None = None
        self._waiting: dict[object, Job] = {}
        self._filled = asyncio.Event()

    def put(self, job: Job) -> None:
        """Adds a job; the one that it replaces fails with `Superseded`."""
        key: object = job.camera or job
        if replaced := self._waiting.get(key):
            replaced.fail(Superseded(f"A newer snapshot of {job.camera} came first."))
            if self._has_other_work_behind(replaced):
                del self._waiting[key]
        self._waiting[key] = job
        self._filled.set()

    async def get(self) -> Job:
        """The job that waits longest and that somebody still wants."""
        while True:
            while self._waiting:
                job = self._waiting.pop(next(iter(self._waiting)))
                if not job.answer.done():
                    self._taken = job
                    return job
            self._filled.clear()
            await self._filled.wait()

    def fail_all(self, error: Exception) -> None:
        """Empties the queue, and fails the job that was taken last."""
        if self._taken:
            self._taken.fail(error)
            self._taken = None
        for job in self._waiting.values():
            job.fail(error)
        self._waiting.clear()

    def _has_other_work_behind(self, job: Job) -> bool:
        behind = dropwhile(lambda each: each is not job, self._waiting.values())
        return any(not each.camera for each in behind)
