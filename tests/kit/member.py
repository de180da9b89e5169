"""A user who may be in the group that may publish."""


class Member:
    """`phonebook publish`, run as a user with these groups."""

    def __init__(self, t, app, uid, gid, groups, *arguments):
        self.t = t
        self.process = t.spawn([*app.prefix, "setpriv", f"--reuid={uid}", f"--regid={gid}",
                                f"--groups={groups}" if groups else "--clear-groups",
                                t.program("phonebook"), "publish", *arguments])

    def fails(self, text):
        assert self.process.wait() == 1 and text in self.process.output(), self.process.output()
