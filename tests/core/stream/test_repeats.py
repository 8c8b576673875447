"""A stream that shows again what it has shown."""

from camclassify_core.stream.repeats import Repeats


def test_a_camera_repeats_nothing() -> None:
    repeats = Repeats()
    assert not any(repeats.note(b"%d" % number, 2.0 * number) for number in range(1000))


def test_a_picture_that_stands_still_is_noticed_after_ten_seconds() -> None:
    repeats = Repeats()
    noticed = [repeats.note(b"same", 2.0 * number) for number in range(8)]
    assert noticed.index(True) * 2.0 == 12.0


def test_a_recording_in_a_loop_is_noticed_ten_seconds_after_it_begins_again() -> None:
    repeats = Repeats()
    noticed = [repeats.note(b"%d" % (number % 30), 2.0 * number) for number in range(60)]
    assert noticed.index(True) == 30 + 5


def test_a_key_frame_that_comes_twice_now_and_then_is_no_loop() -> None:
    repeats = Repeats()
    assert not any(repeats.note(b"%d" % (number // 2), 2.0 * number) for number in range(1000))
