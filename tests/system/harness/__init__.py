"""What the whole-system tests are written with. A test gets one `Test` (context.py) and reads like the
story it tells; the rest of this package is what a Test hands out."""
from .inside import Skip, limit
from .wait import wait_equal, wait_until

__all__ = ["Skip", "limit", "wait_equal", "wait_until"]
