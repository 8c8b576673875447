from math import inf

from custom_components.camclassify.presence.visibility import Visibility


def test_what_was_never_seen_in_a_light_is_never_missed_in_it() -> None:
    assert Visibility().misses_that_tell() == inf


def test_what_is_always_seen_is_missed_soon_and_what_is_rarely_seen_late() -> None:
    clear, faint = Visibility(), Visibility()
    for _ in range(200):
        clear.note(misses=0, seconds=0.0)
        faint.note(misses=49, seconds=49.0)
    assert clear.misses_that_tell() < 4
    assert faint.misses_that_tell() > 300


def test_an_absence_must_be_much_longer_than_those_it_came_back_from() -> None:
    seen_in_runs = Visibility()
    for _ in range(20):
        seen_in_runs.note(misses=0, seconds=0.0)
    seen_in_runs.note(misses=50, seconds=10.0)
    assert not seen_in_runs.is_evidence(misses=10_000, seconds=40.0)
    assert seen_in_runs.is_evidence(misses=10_000, seconds=51.0)


def test_one_very_long_absence_does_not_teach_endless_patience() -> None:
    forgotten = Visibility()
    forgotten.note(misses=1000, seconds=5 * 3600.0)
    assert forgotten.is_evidence(misses=100_000, seconds=1800.0)
