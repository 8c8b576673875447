"""The queue in front of the worker."""

import asyncio

import pytest
from camclassify_core import EngineUnavailable, Superseded
from camclassify_core.worker.jobs import Job, Jobs
from camclassify_core.worker.protocol import encode_call


def snapshot_of(camera: str) -> Job:
    return Job(encode_call("classify"), camera)


async def test_a_newer_job_takes_the_place_of_its_cameras_older_one() -> None:
    jobs = Jobs()
    stale, other, fresh = (snapshot_of(name) for name in ("a", "b", "a"))
    for job in (stale, other, fresh):
        jobs.put(job)
    assert [await jobs.get(), await jobs.get()] == [fresh, other]
    with pytest.raises(Superseded, match="a"):
        await stale.answer


async def test_a_newer_job_does_not_overtake_what_was_asked_before_it() -> None:
    jobs = Jobs()
    stale, options, fresh = snapshot_of("a"), Job(encode_call("configure")), snapshot_of("a")
    for job in (stale, options, fresh):
        jobs.put(job)
    assert [await jobs.get(), await jobs.get()] == [options, fresh]


async def test_jobs_without_a_camera_never_replace_each_other() -> None:
    jobs = Jobs()
    first, second = Job(encode_call("info")), Job(encode_call("info"))
    jobs.put(first)
    jobs.put(second)
    assert [await jobs.get(), await jobs.get()] == [first, second]


async def test_what_nobody_wants_any_more_is_passed_over() -> None:
    jobs = Jobs()
    given_up, wanted = Job(encode_call("info")), Job(encode_call("info"))
    jobs.put(given_up)
    jobs.put(wanted)
    given_up.answer.cancel()
    assert await jobs.get() is wanted


async def test_waits_for_a_job() -> None:
    jobs = Jobs()
    getting = asyncio.ensure_future(jobs.get())
    await asyncio.sleep(0)
    assert not getting.done()
    job = Job(encode_call("info"))
    jobs.put(job)
    assert await getting is job


async def test_failing_reaches_the_waiting_and_the_taken() -> None:
    jobs = Jobs()
    taken, waiting = Job(encode_call("info")), Job(encode_call("info"))
    jobs.put(taken)
    await jobs.get()
    jobs.put(waiting)
    jobs.fail_all(EngineUnavailable("gone"))
    for job in (taken, waiting):
        with pytest.raises(EngineUnavailable, match="gone"):
            await job.answer
