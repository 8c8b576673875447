"""Arguments that several commands share, and what may stand for their values."""

from argparse import ArgumentTypeError, Namespace
from collections.abc import Callable
from math import inf
from pathlib import Path

from camclassify_core.options import EngineOptions, Precision, Runner

from .error_output import UsageError
from .parser import Parser


def add_json_argument(parser: Parser) -> None:
    """`--json`."""
    parser.add_argument(
        "--json", action="store_true", help="print a line of JSON per result, and errors as JSON"
    )


def add_engine_arguments(parser: Parser) -> None:
    """What `engine_options` reads."""
    group = parser.add_argument_group("the engine")
    group.add_argument(
        "--bundle", type=Path, metavar="DIR", help="the bundle to use (default: the built-in one)"
    )
    group.add_argument(
        "--runner",
        choices=[one.value for one in Runner],
        help="what executes the networks: our own runner (direct), or ONNX Runtime;"
        " auto, the default, takes direct where it can",
    )
    group.add_argument(
        "--precision",
        choices=[one.value for one in Precision],
        help="arithmetic of the networks; auto, the default, takes what runs faster on this machine",
    )
    group.add_argument(
        "--unfused",
        action="store_true",
        help="run the original networks in plain ONNX operators, which takes ONNX Runtime",
    )
    group.add_argument(
        "--threads", type=threads, metavar="N", help="threads that share a network (default: 1)"
    )


def engine_options(arguments: Namespace, *, classes: tuple[str, ...] = ()) -> EngineOptions:
    """The options that the command line asks for."""
    refuse_unfused_direct(arguments)
    return EngineOptions(
        bundle=arguments.bundle,
        runner=Runner(arguments.runner or Runner.AUTO),
        precision=Precision(arguments.precision or Precision.AUTO),
        fused=not arguments.unfused,
        threads=arguments.threads or 1,
        classes=classes,
    )


def add_profile_argument(parser: Parser) -> None:
    """`--profile`."""
    parser.add_argument(
        "--profile",
        type=Path,
        metavar="FILE",
        help="where this machine's measurements are kept"
        " (default: camclassify/profile.json in $XDG_CACHE_HOME or ~/.cache)",
    )


def profile_path(arguments: Namespace) -> Path:
    """The file that `--profile` names, or the usual one. Raises `CamClassifyError` if there is none."""
    from camclassify_core.planner.profile import default_path

    chosen: Path | None = arguments.profile
    return chosen or default_path()


def add_places_argument(parser: Parser) -> None:
    """`--bundle NAME=DIR`, as often as needed."""
    parser.add_argument(
        "--bundle",
        type=_named_place,
        action="append",
        metavar="NAME=DIR",
        help="where a bundle is that a design names, may be given several times"
        " ('default' is the built-in one)",
    )


def places(arguments: Namespace) -> dict[str, Path]:
    """Where the command line says that bundles are, by the names that designs give them."""
    return dict(arguments.bundle or ())


def refuse_beside(arguments: Namespace, reason: str, *options: str) -> None:
    """Raises `UsageError` if one of the options was given: beside `reason` it would be ignored."""
    for option in options:
        if given(arguments, option):
            raise UsageError(f"{option} means nothing with {reason}: leave one of them out")


def refuse_without(arguments: Namespace, needed: str, *options: str) -> None:
    """Raises `UsageError` if one of the options was given without the one that gives it a meaning."""
    for option in options:
        if given(arguments, option) and not given(arguments, needed):
            raise UsageError(
                f"{option} means nothing without {needed}: add it, or leave {option} out"
            )


def refuse_unfused_direct(arguments: Namespace) -> None:
    """Raises `UsageError` for plain operators in the runner that has none."""
    if arguments.runner == Runner.DIRECT:
        refuse_beside(arguments, "--runner direct", "--unfused")


def given(arguments: Namespace, option: str) -> bool:
    """Whether an option is on the command line: absent, it is none or false."""
    value = getattr(arguments, option.removeprefix("--").replace("-", "_"))
    return value is not None and value is not False


def positive(text: str) -> int:
    """A whole number of at least 1."""
    if not text.isdecimal() or int(text) < 1:
        raise ArgumentTypeError(f"{text!r} is not a whole number of at least 1")
    return int(text)


def whole(low: int, high: int) -> Callable[[str], int]:
    """Reads a whole number within limits."""

    def read(text: str) -> int:
        if not text.isdecimal() or not low <= int(text) <= high:
            raise ArgumentTypeError(f"{text!r} is not a whole number from {low} to {high}")
        return int(text)

    return read


threads = whole(1, 64)  # of an engine


def share(text: str) -> float:
    """A number from 0 to 1, like scores."""
    return _number(text, 0.0, 1.0, "a number from 0 to 1")


def rate(text: str) -> float:
    """How often a second, more than never."""
    return _number(text, 1e-3, 1e3, "a number from 0.001 to 1000")


def names(text: str) -> tuple[str, ...]:
    """Names with commas between them."""
    found = tuple(name.strip() for name in text.split(","))
    if not all(found):
        raise ArgumentTypeError(f"{text!r} is not a list of names with commas between them")
    return found


def one_or_three(text: str) -> tuple[float, ...]:
    """A number for all channels of a picture, or three with commas between them."""
    numbers = tuple(_number(part, -inf, inf, "a number") for part in text.split(","))
    if len(numbers) not in (1, 3):
        raise ArgumentTypeError(f"{text!r} is neither one number nor three with commas between")
    return numbers


def chart(text: str) -> Path:
    """A file that a chart can be drawn into: known before what it shows was measured."""
    path = Path(text)
    if path.suffix.lower() not in (".svg", ".png"):
        raise ArgumentTypeError(f"{text!r} ends neither with .svg nor with .png")
    if not path.parent.is_dir():
        raise ArgumentTypeError(f"{text!r} is in no folder that exists")
    return path


def _number(text: str, low: float, high: float, wanted: str) -> float:
    try:
        number = float(text)
    except ValueError:
        number = inf
    if not low <= number <= high or abs(number) == inf:
        raise ArgumentTypeError(f"{text!r} is not {wanted}")
    return number


def _named_place(text: str) -> tuple[str, Path]:
    name, equals, place = text.partition("=")
    if not (name and equals and place):
        raise ArgumentTypeError(f"{text!r} is not NAME=DIR")
    return name, Path(place)
