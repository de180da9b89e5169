"""A client that asks a name server for one name without pause."""
import threading
import time

from .dns import A, query


class Reader:
    """Notes each answer that differs from the one before, in a thread that ends with stop()."""

    def __init__(self, server, name):
        self.server, self.name = server.address, name
        self.asked, self.seen, self.stopping = 0, [], False
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while not self.stopping:
            answer = query(self.server, self.name, A)
            found = answer.addresses() if answer else {"no answer"}
            if not self.seen or self.seen[-1] != found:
                self.seen.append(found)
            self.asked += 1
            time.sleep(0.002)

    def stop(self):
        """Ends the thread; returns the answers, each different from the one before."""
        self.stopping = True
        self.thread.join()
        return self.seen

    def expect_always(self, *addresses):
        """Stops, and fails where any answer was not these addresses."""
        seen = self.stop()
        assert self.asked > 0 and seen == [set(addresses)], f"of {self.asked} answers: {seen[:4]}"
