"""Run the parts of `make test` one after the other, each a target of the Makefile, and say what each has cost.

Called with the targets. Stops at the first that fails, with its status.
"""

import resource
import subprocess
import sys
import time

MINUTES = 8
"""What all parts together may take on two idle cores; `tests/README.md` says how it stays so."""


def _cpu() -> float:
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    return ended.ru_utime + ended.ru_stime


def main(targets: list[str]) -> int:
    """Run the targets and return the exit status."""
    status = 0
    costs = []
    for target in targets:
        began, spent = time.monotonic(), _cpu()
        status = subprocess.run(["make", "--no-print-directory", target], check=False).returncode
        costs.append((target, time.monotonic() - began, _cpu() - spent))
        if status:
            break
    costs.append(("all", sum(cost[1] for cost in costs), sum(cost[2] for cost in costs)))
    print(f"\n{'':16}{'minutes':>9}{'CPU s':>9}")
    for target, wall, cpu in costs:
        over = f"  more than {MINUTES} minutes" if target == "all" and wall > MINUTES * 60 else ""
        print(f"{target:16}{wall / 60:9.1f}{cpu:9.0f}{over}")
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
