"""Waiting for a condition, with a limit. No test sleeps for a result."""
import os
import time

SLOW = float(os.environ.get("PHONEBOOK_TEST_SLOW", "1"))
STEP = 0.01  # seconds between two looks
LEAST = 30.0  # seconds: no shorter limit, for a machine that does much else meanwhile


class Failed(AssertionError):
    """Something did not happen that the test or bench needs; the text says what."""


def generous(limit):
    """The seconds after which a test may conclude that something does not happen."""
    return max(limit, LEAST) * SLOW


def wait_until(condition, limit=LEAST, what="a condition", step=STEP):
    """Returns condition()'s first true value, looked for every `step` seconds; fails after `limit` seconds."""
    limit = generous(limit)
    deadline = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > deadline:
            raise Failed(f"not within {limit:g} s: {what}")
        time.sleep(step)


def wait_equal(look, expected, limit=LEAST, what="value"):
    """Waits until look() == expected; a failure shows what was seen last."""
    seen = []

    def equal():
        seen[:] = [look()]
        return seen[0] == expected

    try:
        wait_until(equal, limit, what)
    except Failed as failure:
        raise Failed(f"{failure}\n  expected {expected}\n  seen     {seen[0]}") from None


def remains(condition, seconds, what="a condition"):
    """For what must not happen: fails as soon as condition() is false within `seconds`."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        assert condition(), f"did not remain: {what}"
        time.sleep(STEP)


def later_connection():
    """Waits so long that a connection made now is later than those before, for phonebookd, too. Of connections
    of the same second it knows only the numbers of the sockets, and each processor has its own supply of these."""
    time.sleep(1)


def quiet_second():
    """Waits until phonebookd builds and looks at the kernel at once again. No condition is awaited."""
    time.sleep(1.1)
