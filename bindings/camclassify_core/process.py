"""The client's end of one worker process: start it, ask it, end it."""

import asyncio
import logging
import sys
from asyncio.subprocess import PIPE, Process
from collections import deque
from collections.abc import Sequence
from signal import Signals
from typing import Any, Self

from .protocol import PREFIX, Message, ProtocolError, decode_header, decode_prefix, encode_head

_LOGGER = logging.getLogger(__name__)
_CHUNK = 64 * 1024
_END_TIMEOUT = 5.0
_LAST_LINES = 5

WORKER_COMMAND = (sys.executable, "-P", "-m", "camclassify_core.worker")


class WorkerEnded(Exception):
    """The process ended, hangs, or sent something else than an answer."""


class WorkerProcess:
    """One worker process; `ask` it one thing at a time."""

    def __init__(self, process: Process) -> None:
        self._process = process
        self._last_lines: deque[str] = deque(maxlen=_LAST_LINES)
        self._stderr_task = asyncio.create_task(self._drain_stderr())
        self._next_id = 0

    @classmethod
    async def start(cls, command: Sequence[str] = WORKER_COMMAND) -> Self:
        """Starts a process. Raises `WorkerEnded` if it cannot be started."""
        try:
            process = await asyncio.create_subprocess_exec(
                *command, stdin=PIPE, stdout=PIPE, stderr=PIPE, start_new_session=True
            )
        except OSError as error:
            raise WorkerEnded(f"{command[0]} cannot be started: {error}") from error
        return cls(process)

    async def ask(self, op: str, args: Any, body: bytes, timeout: float) -> Message:
        """The answer to a request; errors that the worker reports are in its header.

        Raises `WorkerEnded`; the process is of no use after that.
        """
        self._next_id += 1
        request = Message({"id": self._next_id, "op": op, "args": args}, body)
        try:
            async with asyncio.timeout(timeout):
                await self._send(request)
                answer = await self._receive()
        except TimeoutError:
            raise WorkerEnded(f"it did not answer within {timeout:g} s") from None
        except OSError, asyncio.IncompleteReadError:
            raise WorkerEnded(await self._why_it_ended()) from None
        except ProtocolError as error:
            raise WorkerEnded(str(error)) from error
        if answer.header.get("id") != self._next_id:
            raise WorkerEnded("it answered something that it was not asked")
        return answer

    async def wait(self) -> str:
        """Waits until the process has ended; returns why."""
        await self._process.wait()
        return await self._why_it_ended()

    async def end(self) -> None:
        """Closes the worker's standard input, which ends it; kills it if that does not help."""
        process = self._process
        if process.stdin:
            process.stdin.close()
        try:
            async with asyncio.timeout(_END_TIMEOUT):
                await process.wait()
        except TimeoutError:
            self.kill()
            await process.wait()
        await self._stderr_task

    def kill(self) -> None:
        """Ends the process at once."""
        if self._process.returncode is None:
            self._process.kill()

    async def _send(self, message: Message) -> None:
        stdin = self._process.stdin
        assert stdin
        stdin.write(encode_head(message))
        for start in range(0, len(message.body), _CHUNK):
            stdin.write(message.body[start : start + _CHUNK])
            await stdin.drain()
        await stdin.drain()

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
        how = f"signal {Signals(-code).name}" if code < 0 else f"exit status {code}"
        await self._stderr_task
        said = "; ".join(self._last_lines)
        return f"{how}: {said}" if said else how

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
        if text := line.decode(errors="replace").strip():
            self._last_lines.append(text)
            _LOGGER.debug("Worker: %s", text)
