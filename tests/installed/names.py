"""Names that are held on a machine while something is done to it."""
import json

from kit import Failed, wait_until


class Names:
    """`count` names, each held by a process of its own, on an interface of the machine's namespace."""

    def __init__(self, machine, count):
        self.machine, self.count = machine, count
        machine.shell("ip link add eth0 type ifb && ip link set eth0 up && ip addr add 192.168.1.1/24 dev eth0")
        self.holders = [machine.spawn("phonebook", "publish", f"n{n}", "eth0", "sleep", "infinity")
                        for n in range(count)]
        self.wait()

    def live(self):
        """How many of them are in the list as live; 0 where there is no list."""
        status, output = self.machine.run("phonebook", "list", "-j", check=False)
        if status != 0:
            return 0
        lines = [json.loads(line) for line in output.splitlines() if line.startswith("{")]
        ours = {f"n{n}.internal" for n in range(self.count)}
        return sum(line["state"] == "live" and line["name"] in ours for line in lines)

    def wait(self):
        wait_until(lambda: self.live() == self.count, 60, f"{self.count} names are live")

    def check(self):
        """No holder has ended, each name is live, and its record is in the file."""
        ended = [holder.pid for holder in self.holders if holder.poll() is not None]
        if ended:
            raise Failed(f"{len(ended)} holders have ended")
        self.wait()
        wait_until(lambda: not self.missing(), 60, "each is in the file, which is written after data.cdb")

    def missing(self):
        data = self.machine.run("cat", "/run/phonebook/internal/data")
        return [n for n in range(self.count) if f"+n{n}.internal:192.168.1.1:" not in data]
