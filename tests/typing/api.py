"""How a typed program uses the public names: read by mypy and pyright, never run.

`assert_type` fixes what a caller sees. A line that must be refused carries the checkers' ignore comment, which
they report as soon as it is no longer needed.
"""

from __future__ import annotations

from typing import assert_type

import retention as rt

assert_type(rt.__version__, str)
