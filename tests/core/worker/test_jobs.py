"""The queue in front of the worker."""

import asyncio

import pytest
from camclassify_core import EngineUnavailable, SnapshotError, Superseded
from camclassify_core.worker.jobs import Job, Jobs
from camclassify_core.worker.protocol import encode_call


def snapshot_of(camera: str) -> Job:
    return Job(encode_call("classify"), camera)


def picture() -> Job:
    return Job(encode_call("draw_boxes"))


def for_all(op: str = "configure") -> Job:
    return Job(encode_call(op))


def queue(*jobs: Job, lanes: int = 1) -> Jobs:
    queued = Jobs()
    queued.lanes = lanes
    for job in jobs:
        queued.put(job)
    return queued


async def begun(jobs: Jobs) -> list[Job]:
    """All jobs that may be begun now."""
    taken: list[Job] = []
    while True:
        getting = asyncio.ensure_future(jobs.get())
        await asyncio.sleep(0)
        if not getting.done():
            getting.cancel()
            return taken
        taken.append(getting.result())


async def all_in_turn(jobs: Jobs) -> list[Job]:
    """All jobs, each begun when the one before it is done."""
    taken: list[Job] = []
    while now := await begun(jobs):
        for job in now:
            jobs.done(job)
        taken += now
    return taken


async def test_a_newer_job_takes_the_place_of_its_cameras_older_one() -> None:
    stale, other, fresh = (snapshot_of(name) for name in ("a", "b", "a"))
    assert await all_in_turn(queue(stale, other, fresh)) == [fresh, other]
    with pytest.raises(Superseded, match="a"):
        await stale.answer


async def test_homes_take_turns_and_the_cameras_of_each() -> None:
    crowd = [Job(encode_call("classify"), f"a/{number}", "a") for number in range(3)]
    others = [Job(encode_call("classify"), f"{home}/x", home) for home in ("b", "c")]
    assert await all_in_turn(queue(*crowd, *others)) == [crowd[0], *others, *crowd[1:]]


async def test_as_many_pictures_are_begun_as_there_are_lanes() -> None:
    first, second, third = snapshot_of("a"), picture(), snapshot_of("b")
    jobs = queue(first, second, third, lanes=2)
    assert await begun(jobs) == [first, second]
    jobs.done(second)
    assert await begun(jobs) == [third]


async def test_of_a_camera_one_snapshot_is_begun_at_a_time() -> None:
    first, other = snapshot_of("a"), snapshot_of("b")
    jobs = queue(first, lanes=3)
    assert await begun(jobs) == [first]
    second = snapshot_of("a")
    jobs.put(second)
    jobs.put(other)
    assert await begun(jobs) == [other]
    jobs.done(first)
    assert await begun(jobs) == [second]


async def test_what_concerns_all_lanes_comes_first_and_nothing_beside_it_is_begun() -> None:
    stale, options, fresh = snapshot_of("a"), for_all(), snapshot_of("a")
    jobs = queue(stale, options, fresh, lanes=3)
    assert await begun(jobs) == [options]
    jobs.done(options)
    assert await begun(jobs) == [fresh]


async def test_what_concerns_all_lanes_waits_for_no_picture() -> None:
    hanging, first, second = picture(), for_all("info"), for_all("teach")
    jobs = queue(hanging)
    assert await begun(jobs) == [hanging]
    jobs.put(first)
    jobs.put(second)
    assert await begun(jobs) == [first]
    jobs.done(first)
    assert await begun(jobs) == [second]


async def test_jobs_without_a_camera_never_replace_each_other() -> None:
    first, second = picture(), picture()
    assert await all_in_turn(queue(first, second)) == [first, second]


async def test_what_nobody_wants_any_more_is_passed_over() -> None:
    for given_up, wanted in [(for_all(), for_all()), (picture(), picture())]:
        jobs = queue(given_up, wanted)
        given_up.answer.cancel()
        assert await jobs.get() is wanted


async def test_waits_for_a_job() -> None:
    jobs = queue()
    getting = asyncio.ensure_future(jobs.get())
    await asyncio.sleep(0)
    assert not getting.done()
    job = for_all()
    jobs.put(job)
    assert await getting is job


async def test_a_job_that_is_alone_when_the_worker_ends_fails_and_those_that_wait_go_on() -> None:
    alone, waiting = snapshot_of("a"), snapshot_of("b")
    jobs = queue(alone, waiting)
    assert await begun(jobs) == [alone]
    jobs.worker_ended(EngineUnavailable("gone"))
    with pytest.raises(EngineUnavailable, match="gone"):
        await alone.answer
    assert await begun(jobs) == [waiting]


async def test_jobs_that_are_begun_together_when_the_worker_ends_are_begun_again_each_alone() -> (
    None
):
    first, second, third = (snapshot_of(name) for name in "abc")
    jobs = queue(first, second, third, lanes=2)
    assert await begun(jobs) == [first, second]
    jobs.worker_ended(EngineUnavailable("gone"))
    assert await begun(jobs) == [first]
    jobs.worker_ended(EngineUnavailable("gone again"))
    with pytest.raises(EngineUnavailable, match="again"):
        await first.answer
    assert await begun(jobs) == [second]
    jobs.done(second)
    assert await begun(jobs) == [third]
    assert not second.answer.done()


async def test_the_others_are_no_suspects_where_it_is_known_who_is_to_blame() -> None:
    hanging, beside, waiting = (snapshot_of(name) for name in "abc")
    jobs = queue(hanging, beside, waiting, lanes=2)
    assert await begun(jobs) == [hanging, beside]
    hanging.is_to_blame = True
    jobs.worker_ended(EngineUnavailable("gone"))
    with pytest.raises(EngineUnavailable):
        await hanging.answer
    assert await begun(jobs) == [beside, waiting]


async def test_a_camera_whose_pictures_keep_ending_the_worker_waits_and_no_other_does() -> None:
    jobs = queue()
    for _ in range(2):
        bad = snapshot_of("a")
        jobs.put(bad)
        assert await begun(jobs) == [bad]
        jobs.worker_ended(EngineUnavailable("gone"))
    again, other = snapshot_of("a"), snapshot_of("b")
    jobs.put(again)
    jobs.put(other)
    assert await begun(jobs) == [other]
    with pytest.raises(SnapshotError, match=r"keep ending the worker.* in 30 s"):
        await again.answer


async def test_an_answer_clears_a_camera() -> None:
    jobs = queue()
    for _ in range(3):
        good, bad = snapshot_of("a"), snapshot_of("a")
        jobs.put(good)
        assert await all_in_turn(jobs) == [good]
        jobs.put(bad)
        assert await begun(jobs) == [bad]
        jobs.worker_ended(EngineUnavailable("gone"))


async def test_a_job_that_is_begun_again_gives_way_to_a_newer_one_of_its_camera() -> None:
    first, second = snapshot_of("a"), snapshot_of("b")
    jobs = queue(first, second, lanes=2)
    await begun(jobs)
    jobs.worker_ended(EngineUnavailable("gone"))
    newer = snapshot_of("a")
    jobs.put(newer)
    assert await begun(jobs) == [second]
    with pytest.raises(Superseded):
        await first.answer


async def test_what_concerns_all_lanes_is_not_asked_again() -> None:
    asked, beside = for_all(), picture()
    jobs = queue(beside, lanes=2)
    await begun(jobs)
    jobs.put(asked)
    assert await begun(jobs) == [asked]
    jobs.worker_ended(EngineUnavailable("gone"))
    with pytest.raises(EngineUnavailable, match="gone"):
        await asked.answer
    assert await begun(jobs) == [beside]


async def test_failing_reaches_all() -> None:
    first, second, third = picture(), picture(), picture()
    jobs = queue(first, second, third, lanes=2)
    await begun(jobs)
    jobs.worker_ended(EngineUnavailable("gone"))
    await begun(jobs)
    every_kind = (first, second, third, for_all())
    jobs.put(every_kind[-1])
    jobs.fail_all(EngineUnavailable("gone"))
    for job in every_kind:
        with pytest.raises(EngineUnavailable, match="gone"):
            await job.answer
    assert await begun(jobs) == []
