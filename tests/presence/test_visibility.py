from math import inf

from custom_components.camclassify.presence.visibility import Visibility


def test_what_was_never_seen_in_a_light_is_never_missed_in_it() -> None:
    assert Visibility().misses_that_tell() == inf


def test_what_is_always_seen_is_missed_soon_and_what_is_rarely_seen_late() -> None:
    clear, faint = Visibility(), Visibility()
    for _ in range(200):
        clear.note(misses=0)
        faint.note(misses=49)
    assert clear.misses_that_tell() < 4
    assert faint.misses_that_tell() > 300
