"""`python -m tests [--slow] [pytest arguments]`: sets up as main.py does, then pytest without a screen."""

import os
import sys

from installer import bootstrap

if __name__ == "__main__":
    bootstrap.ensure(bootstrap.DEVELOPER_LOCK, ["-m", "tests", *sys.argv[1:]])
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    os.chdir(bootstrap.ROOT)
    import pytest

    whole = [] if set(sys.argv[1:]) - {"--slow"} else ["-n", str(min(4, os.cpu_count() or 1))]
    sys.exit(pytest.main(["-q", *whole, *sys.argv[1:]]))
