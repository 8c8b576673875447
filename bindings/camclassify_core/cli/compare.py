"""`camclassify compare`: what two bundles see in the same snapshots."""

from argparse import Namespace
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from camclassify_core.codec import Json, detection_to_json
from camclassify_core.engine import Engine
from camclassify_core.errors import CamClassifyError, SnapshotError
from camclassify_core.options import EngineOptions, Precision, Request
from camclassify_core.side_by_side import Pair, Tally
from camclassify_core.snapshot_files import snapshot_files

from .arguments import add_json_argument, share
from .error_output import warn
from .output import ProgressBar, print_json, print_table
from .parser import Parser

_BUILT_IN = "default"
_EXAMPLES = """
camclassify compare default mine --snapshots recordings
camclassify compare mine:fp32 mine:int8 --snapshots recordings           what int8 costs
camclassify compare default mine --snapshots recordings --sheet seen.jpg
"""


def add_arguments(parser: Parser) -> None:
    """Gives the command its arguments."""
    parser.does(run, examples=_EXAMPLES)
    for which in ("first", "second"):
        parser.add_argument(
            which,
            metavar="BUNDLE",
            help="the folder of a bundle, or 'default' for the built-in one; with :fp32 or :int8"
            " behind it, in that precision"
            if which == "first"
            else "what it is compared with",
        )
    parser.add_argument(
        "--snapshots",
        type=Path,
        required=True,
        metavar="FOLDER",
        help="pictures of your cameras: all JPEG, PNG and WebP files below this folder",
    )
    parser.add_argument(
        "--min-score",
        type=share,
        metavar="X",
        help="count what scores at least this, 0 to 1, instead of each bundle's thresholds",
    )
    parser.add_argument(
        "--sheet",
        type=Path,
        metavar="FILE",
        help="also write a picture of the snapshots in which they differ: green what both see, orange"
        " what the first, blue what the second sees alone",
    )
    add_json_argument(parser)


def run(arguments: Namespace) -> int:
    """Has both bundles look at snapshot after snapshot; one that cannot be read stops no other."""
    if arguments.sheet and arguments.sheet.exists():
        raise CamClassifyError(f"{arguments.sheet} is there already: name another --sheet")
    if arguments.sheet:
        from .contact_sheet import MOST_TILES, Tile, write_contact_sheet
    engines = _engine(arguments.first), _engine(arguments.second)
    files = snapshot_files(arguments.snapshots)
    request = Request(min_score=arguments.min_score)
    tally = Tally()
    differences: list[tuple[bytes, str, list[Pair]]] = []
    differing = 0
    failed = False
    with closing(ProgressBar()) as progress:
        for number, file in enumerate(files):
            progress(str(file), number / len(files))
            name = str(file.relative_to(arguments.snapshots))
            try:
                snapshot = file.read_bytes()
                first, second = (each.classify(snapshot, request) for each in engines)
            except (OSError, SnapshotError) as error:
                failed = True
                progress.close()
                warn(f"{name}: {error}")
                continue
            found = tally.add((first, second))
            if arguments.json:
                print_json({"file": name, "pairs": [_pair_to_json(each) for each in found]})
            if not all(each.agrees for each in found):
                differing += 1
                if arguments.sheet and len(differences) < MOST_TILES:
                    differences.append((snapshot, name, found))
    if arguments.json:
        print_json({"summary": _tally_to_json(tally)})
    else:
        _print_for_people(tally, arguments.first, arguments.second)
    if arguments.sheet and differences:
        write_contact_sheet([Tile(*each) for each in differences], arguments.sheet)
        if not arguments.json:
            shown = (
                f"the first {len(differences)} are" if differing > len(differences) else "all are"
            )
            print(f"They differ in {differing} of {tally.snapshots}: {shown} in {arguments.sheet}.")
    return int(failed)


def _engine(name: str) -> Engine:
    place, _, precision = name.rpartition(":")
    options = EngineOptions()
    if place and precision in ("fp32", "int8"):
        options = EngineOptions(precision=Precision(precision))
        name = place
    return Engine(replace(options, bundle=None if name == _BUILT_IN else Path(name)))


def _pair_to_json(pair: Pair) -> Json:
    return {
        side: detection_to_json(found) if found else None
        for side, found in (("first", pair.first), ("second", pair.second))
    }


def _tally_to_json(tally: Tally) -> Json:
    return {
        "snapshots": tally.snapshots,
        "agreed": dict(tally.agreed),
        "renamed": [
            {"first": first, "second": second, "count": count}
            for (first, second), count in tally.renamed.most_common()
        ],
        "only_first": dict(tally.only_first),
        "only_second": dict(tally.only_second),
        "found_by_the_other": [round(tally.share(which), 4) for which in (0, 1)],
        "milliseconds": [round(total / max(tally.snapshots, 1), 2) for total in tally.milliseconds],
    }


def _print_for_people(tally: Tally, first: str, second: str) -> None:
    print_table(list(_rows(tally)), header=["class", "both", f"only {first}", f"only {second}"])
    if tally.renamed:
        print()
        rows = [[one, other, str(count)] for (one, other), count in tally.renamed.most_common()]
        print_table(rows, header=[f"{first} says", f"{second} says", "times"])
    shares = [f"{100 * tally.share(which):.1f}%" for which in (0, 1)]
    each = [total / max(tally.snapshots, 1) for total in tally.milliseconds]
    print(
        f"\n{tally.snapshots} snapshots. {second} finds {shares[0]} of what {first} finds,"
        f" {first} finds {shares[1]} of what {second} finds."
        f"\nA snapshot takes {each[0]:.1f} ms with {first}, {each[1]:.1f} ms with {second}."
    )


def _rows(tally: Tally) -> Iterator[list[str]]:
    counts = (tally.agreed, tally.only_first, tally.only_second)
    together = sum(counts, start=type(tally.agreed)())
    for name, _ in together.most_common():
        yield [name, *(str(count[name]) for count in counts)]
    yield ["all", *(str(count.total()) for count in counts)]
