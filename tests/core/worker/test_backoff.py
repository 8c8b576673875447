"""When a worker is started again."""

from camclassify_core.worker.backoff import Backoff


def test_delays_double_until_it_counts_as_failed() -> None:
    backoff = Backoff()
    assert [backoff.next_delay(uptime=1) for _ in range(4)] == [0.5, 1, 2, 4]
    assert not backoff.failed
    assert [backoff.next_delay(uptime=1) for _ in range(2)] == [60, 60]
    assert backoff.failed


def test_a_worker_that_ran_for_a_minute_starts_afresh() -> None:
    backoff = Backoff()
    for _ in range(7):
        backoff.next_delay(uptime=1)
    assert backoff.next_delay(uptime=61) == 0.5
    assert not backoff.failed


def test_an_end_whose_cause_is_kept_away_starts_afresh() -> None:
    backoff = Backoff()
    for _ in range(7):
        backoff.next_delay(uptime=1)
    assert backoff.next_delay(uptime=1, is_settled=True) == 0.5
    assert not backoff.failed
