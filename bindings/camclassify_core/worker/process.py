"""The client's end of one worker process: start it, ask it, end it."""

import asyncio
import logging
import os
import sys
from asyncio import FIRST_COMPLETED
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from fcntl import F_SETPIPE_SZ, fcntl
from signal import Signals
from socket import AF_UNIX, SOCK_SEQPACKET, send_fds, socket, socketpair
from typing import NoReturn, Self

from .followed import HANDOVER
from .protocol import PREFIX, Call, Message, ProtocolError, decode_header, decode_prefix
from .records import read_line

_LOGGER = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_PIPE = 1 << 20  # bytes: most snapshots, and what Linux gives everybody
_END_TIMEOUT = 5.0
_READ_TIMEOUT = 1.0  # of what an ended worker still has to say; its own children may hold the pipe
_LAST_LINES = 5
# From which size on glibc gives back at once what is freed. Left to itself it takes that of the largest piece
# that ever was, and so keeps room for a whole picture in every thread.
_MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(1 << 20)}

WORKER_COMMAND = (sys.executable, "-P", "-m", "camclassify_core.worker")


class WorkerEnded(Exception):
    """The process ended, or sent something else than an answer."""


class WorkerHangs(WorkerEnded):
    """The process did not answer in time."""


class WorkerProcess:
    """One worker process; `ask` it several things at a time, it answers in any order."""

    def __init__(self, process: Process, handover: socket | None = None) -> None:
        self._process = process
        self._handover = handover
        self._asked: dict[int, asyncio.Future[Message]] = {}
        self._sending = asyncio.Lock()
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._stderr_task = asyncio.create_task(self._drain_stderr())
        self._answers_task: asyncio.Task[Message] = asyncio.create_task(self._hear_answers())
        # Why no more will come is told to those who ask.
        self._answers_task.add_done_callback(lambda task: task.cancelled() or task.exception())

    @classmethod
    async def start(cls, command: Sequence[str] = WORKER_COMMAND) -> Self:
        """Starts a process. Raises `WorkerEnded` if it cannot be started."""
        ours, theirs = socketpair(AF_UNIX, SOCK_SEQPACKET)
        ours.setblocking(False)
        try:
            process = await asyncio.create_subprocess_exec(
                *command,
                stdin=PIPE,
                stdout=PIPE,
                stderr=PIPE,
                start_new_session=True,
                pass_fds=(theirs.fileno(),),
                env=_MEMORY | os.environ | {HANDOVER: str(theirs.fileno())},
            )
        except OSError as error:
            ours.close()
            raise WorkerEnded(f"{command[0]} cannot be started: {error}") from error
        finally:
            theirs.close()
        _widen(process)
        return cls(process, ours)

    def hand_over(self, name: str, descriptor: int) -> None:
        """Gives the process a copy of a descriptor, by name. Raises `WorkerEnded`."""
        try:
            if self._handover:
                send_fds(self._handover, [name.encode()], [descriptor])
        except OSError as error:
            raise WorkerEnded(f"it takes no descriptors: {error}") from error

    async def ask(self, call: Call, timeout: float) -> Message:
        """The answer to a call; errors that the worker reports are in its header.

        Raises `WorkerEnded`; the process is of no use after that.
        """
        answer = self._asked[call.id] = asyncio.Future[Message]()
        try:
            async with asyncio.timeout(timeout):
                await self._send(call)
                futures: list[asyncio.Future[Message]] = [answer, self._answers_task]
                await asyncio.wait(futures, return_when=FIRST_COMPLETED)
        except TimeoutError:
            raise WorkerHangs(f"it did not answer within {timeout:g} s") from None
        except OSError:
            raise WorkerEnded(await self._why_it_ended()) from None
        finally:
            del self._asked[call.id]
        return answer.result() if answer.done() else self._answers_task.result()

    async def wait(self) -> str:
        """Waits until the process has ended; returns why."""
        await self._process.wait()
        return await self._why_it_ended()

    async def end(self) -> None:
        """Closes the worker's standard input, which ends it; kills it if that does not help.

        Cancelled, it kills at once.
        """
        process = self._process
        if process.stdin:
            process.stdin.close()
        if self._handover:
            self._handover.close()
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(_END_TIMEOUT):
                    await process.wait()
        finally:
            self.kill()
            self._answers_task.cancel()
        await process.wait()
        await self._hear_the_rest()

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process.returncode is None:
            self._process.kill()

    async def _send(self, call: Call) -> None:
        stdin = self._process.stdin
        assert stdin
        async with self._sending:
            stdin.write(call.head)
            for start in range(0, len(call.body), _PIPE):
                stdin.write(call.body[start : start + _PIPE])
                await stdin.drain()
            await stdin.drain()

    async def _hear_answers(self) -> NoReturn:
        """Gives each answer to who asked. Raises `WorkerEnded` when no more will come."""
        try:
            while True:
                answer = await self._receive()
                number = answer.header.get("id")
                asked = self._asked.get(number) if isinstance(number, int) else None
                if asked is None or asked.done():
                    raise WorkerEnded("it answered something that it was not asked")
                asked.set_result(answer)
        except OSError, asyncio.IncompleteReadError:
            raise WorkerEnded(await self._why_it_ended()) from None
        except ProtocolError as error:
            raise WorkerEnded(str(error)) from error

    async def _receive(self) -> Message:
        stdout = self._process.stdout
        assert stdout
        header_bytes, body_bytes = decode_prefix(await stdout.readexactly(PREFIX.size))
        header = decode_header(await stdout.readexactly(header_bytes))
        return Message(header, await stdout.readexactly(body_bytes))

    async def _why_it_ended(self) -> str:
        """One sentence; waits for the exit status, which comes a moment after the pipes close."""
        try:
            async with asyncio.timeout(_END_TIMEOUT):
                code = await self._process.wait()
        except TimeoutError:
            return "it closed its pipes"
        how = f"signal {_signal_name(-code)}" if code < 0 else f"exit status {code}"
        await self._hear_the_rest()
        said = "; ".join(self._last_lines)
        return f"{how}: {said}" if said else how

    async def _hear_the_rest(self) -> None:
        await asyncio.wait([self._stderr_task], timeout=_READ_TIMEOUT)
        self._stderr_task.cancel()

    async def _drain_stderr(self) -> None:
        stderr = self._process.stderr
        assert stderr
        rest = b""
        while chunk := await stderr.read(_CHUNK):
            *lines, rest = (rest + chunk)[-_CHUNK:].split(b"\n")
            for line in lines:
                self._note(line)
        self._note(rest)

    def _note(self, line: bytes) -> None:
        level, text = read_line(line.decode(errors="replace").strip())
        if text:
            self._last_lines.append(text)
            _LOGGER.log(level, "Worker: %s", text)


def _widen(process: Process) -> None:
    """Has a snapshot fit into the pipe: else both ends take turns at its pieces while a lane waits for it."""
    assert process.stdin
    with suppress(OSError):  # by whoever has too many such pipes already
        fcntl(process.stdin.get_extra_info("pipe"), F_SETPIPE_SZ, _PIPE)


def _signal_name(number: int) -> str:
    try:
        return Signals(number).name
    except ValueError:  # a real-time signal
        return str(number)
