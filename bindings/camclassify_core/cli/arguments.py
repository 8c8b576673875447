"""Arguments that several commands share."""

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from pathlib import Path

from camclassify_core.options import EngineOptions, Precision, Runner
from camclassify_core.planner.place import default_path


def add_json_argument(parser: ArgumentParser) -> None:
    """`--json`."""
    parser.add_argument("--json", action="store_true", help="print a line of JSON per result")


def add_engine_arguments(parser: ArgumentParser) -> None:
    """What `engine_options` reads."""
    parser.add_argument(
        "--bundle", type=Path, metavar="DIR", help="the bundle to use (default: the built-in one)"
    )
    parser.add_argument("--runner", choices=[one.value for one in Runner], default="auto")
    parser.add_argument("--precision", choices=[one.value for one in Precision], default="auto")
    parser.add_argument(
        "--unfused", action="store_true", help="run the original networks in plain ONNX operators"
    )
    parser.add_argument("--threads", type=positive, default=1, metavar="N")


def engine_options(arguments: Namespace) -> EngineOptions:
    """The options that the command line asks for."""
    return EngineOptions(
        bundle=arguments.bundle,
        runner=Runner(arguments.runner),
        precision=Precision(arguments.precision),
        fused=not arguments.unfused,
        threads=arguments.threads,
    )


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def add_profile_argument(parser: ArgumentParser) -> None:
    """`--profile`."""
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="where this machine's measurements are kept (default: below ~/.cache)",
    )


def profile_path(arguments: Namespace) -> Path:
    """The file that `--profile` names, or the usual one. Raises `CamClassifyError` if there is none."""
    chosen: Path | None = arguments.profile
    return chosen or default_path()


def add_places_argument(parser: ArgumentParser) -> None:
    """`--bundle NAME=DIR`, as often as needed."""
    parser.add_argument(
        "--bundle",
        type=_named_place,
        action="append",
        default=[],
        metavar="NAME=DIR",
        help="where a bundle is that a design names ('default' is the built-in one)",
    )


def _named_place(text: str) -> tuple[str, Path]:
    name, equals, place = text.partition("=")
    if not (name and equals and place):
        raise ArgumentTypeError(f"{text!r} is not NAME=DIR")
    return name, Path(place)
