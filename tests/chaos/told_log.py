"""What was logged in a home, and that it is told once."""

import logging
import re
from collections import Counter
from typing import override


class ToldLog(logging.Handler):
    """Keeps what the integration and the package said."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.records: list[logging.LogRecord] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        self.records.append(record)

    def hold_one_line_to_a_fault(self, cameras: int) -> None:
        """Raise AssertionError unless a fault has one line until its recovery, which has one."""
        since_recovery: Counter[tuple[object, ...]] = Counter()
        for record in self.records:
            text = record.getMessage()
            if record.exc_info and (error := record.exc_info[1]):
                line: tuple[object, ...] = (record.name, text.partition(":")[0], repr(error))
            elif "No snapshot of" in text or "fails again" in text:
                line = (text,)
            elif "arrive again" in text:
                # By its key: it may have had another title when the fault was told.
                key = text.removesuffix(" arrive again").split()[-1]
                for told in list(since_recovery):
                    if re.search(rf"\b{key}\b", str(told[0])):
                        del since_recovery[told]
                continue
            else:
                continue
            since_recovery[line] += 1
            # What does not name a camera may be said by each list of listeners.
            most = 2 * cameras + 5 if record.exc_info else 1
            assert since_recovery[line] <= most, f"logged again and again: {line}"
