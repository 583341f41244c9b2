"""`varco …` with an API that records nobody's access: what reads cost without their record. For `bench.recorded` alone."""

import sys
from dataclasses import replace

from varco.gate.api import resources

if __name__ == "__main__":
    resources.OPERATIONS = tuple(replace(item, audit=None) for item in resources.OPERATIONS)
    from varco.ops.cli import main

    sys.exit(main())
