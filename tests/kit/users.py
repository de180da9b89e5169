"""The user that phonebookd runs as in tests and benches, and what it may do."""
import os
import pwd

USER = 64001
CAPABILITIES = "+net_admin,+net_broadcast"


def privileges(uid=USER, capabilities=CAPABILITIES, sets=("inh", "ambient"), groups=()):
    """The setpriv(1) line in front of a program that runs as `uid`. `sets` are the capability sets that have
    `capabilities` and no others; `groups`, numbers, are its supplementary groups."""
    names = {"inh": "--inh-caps", "ambient": "--ambient-caps", "bounding": "--bounding-set"}
    limits = [f"{names[one]}=-all,{capabilities}".rstrip(",") for one in sets]
    return ["setpriv", f"--reuid={uid}", f"--regid={uid}",
            f"--groups={','.join(map(str, groups))}" if groups else "--clear-groups", *limits, "--no-new-privs"]


def make_directory(path, user=USER):
    """Makes a directory that belongs to a user, given as a number or as a name of this system. Returns its path."""
    uid, gid = (user, user) if isinstance(user, int) else pwd.getpwnam(user)[2:4]
    os.makedirs(path, exist_ok=True)
    os.chown(path, uid, gid)
    return path
