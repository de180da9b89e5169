"""A DNS client that asks without pause (ask.c), to see when an answer changes."""
from kit import Failed
from kit.process import Speaker


class Asker(Speaker):
    def __init__(self, bench):
        super().__init__(bench.trace, [bench.helper("ask")])

    def turn_to(self, address, rest_us=50):
        if self.ask(f"server {address} {rest_us}") != "ok":
            raise Failed(f"cannot ask {address}")

    def moment(self):
        """When the awaited answer came, by time.monotonic(); None where it did not come in time."""
        text = self.hear()
        if text == "late":
            return None
        if not text.isdigit():
            raise Failed(f"ask: {text}")
        return int(text) / 1e9

    def took(self, began):
        """Seconds from `began` to that moment; None where it did not come in time."""
        moment = self.moment()
        return None if moment is None else moment - began
