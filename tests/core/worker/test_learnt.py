"""What homes taught is kept apart, and within bounds."""

from itertools import pairwise

import pytest
from camclassify_core.errors import LessonsMissing
from camclassify_core.options import EngineOptions
from camclassify_core.worker.learnt import MOST_HOMES, AllLearnt, Learnt, Lessons, key_of

from .fake_worker import FakeEngine
from .test_client_teaching import example

ENGINE = FakeEngine(EngineOptions())


def learnt(name: str) -> Learnt:
    return Learnt.of(Lessons(f"id-{name}", [example(name)]), ENGINE)


def test_the_home_that_was_not_asked_about_for_longest_is_forgotten() -> None:
    known = AllLearnt()
    ours = learnt("ours")
    known.put(None, ours)
    for number in range(MOST_HOMES):
        known.put(f"home-{number}", learnt("van"))
    known.of("home-0", "id-van")
    known.put("one more", learnt("van"))
    assert known.of("home-0", "id-van")
    assert known.of("home-2", "id-van")
    with pytest.raises(LessonsMissing):
        known.of("home-1", "id-van")
    assert known.of(None, "") is ours


def test_lessons_are_those_that_the_id_says() -> None:
    known = AllLearnt()
    known.put("a", learnt("van"))
    assert known.of("a", "") is None
    for home, lessons in (("a", "id-cat"), ("b", "id-van"), ("", "id-van")):
        with pytest.raises(LessonsMissing):
            known.of(home, lessons)
    known.put("a", learnt("cat"))
    assert known.of("a", "id-cat")
    with pytest.raises(LessonsMissing):
        known.of("a", "id-van")


def test_cameras_of_two_homes_are_two_whatever_their_names() -> None:
    keys = [key_of(home, camera) for home in ("a", "b") for camera in ("x", "b/x", "a/x")]
    assert all(one != other for one, other in pairwise(sorted(keys)))
    assert (key_of(None, "x"), key_of("", "x"), key_of("a", "")) == ("x", "x", "")
