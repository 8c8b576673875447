"""What `camclassify serve --ray` refuses; what it does is in tests/cluster."""

from importlib.util import find_spec

import pytest
from camclassify_core.cli import main


@pytest.mark.skipif(find_spec("ray") is not None, reason="Ray is here")
def test_without_ray_it_says_how_to_get_it_and_where_there_is_none(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert main(["serve", "--ray"]) == 1
    said = capsys.readouterr().err
    assert "pip install 'camclassify[cluster]'" in said
    assert "musl" in said


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--engines", "2"], "--engines means nothing without --ray"),
        (["--ray", "--address", "10.0.0.1"], "--address means nothing without --secret"),
        (["--ray", "--secret", "file"], "--secret means nothing without --address"),
        (["--ray", "--join", "10.0.0.1:6379", "--secret", "file"], "without --address"),
        (["--ray", "--engines", "4-2"], "is not LOW-HIGH"),
        (["--ray", "--engines", "0"], "is not LOW-HIGH"),
        (["--ray", "--join", "10.0.0.1"], "is not IP:PORT"),
        (["--ray", "--address", ":6379"], "is not IP or IP:PORT"),
    ],
)
def test_options_that_cannot_go_together_are_refused(
    words: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", *words]) == 2
    assert sentence in capsys.readouterr().err
