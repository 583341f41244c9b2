"""`python -m varco.ops` is the `varco` command."""

import sys

from varco.ops.cli import main

sys.exit(main())
