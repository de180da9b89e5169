/* Every limit of phonebookd, in one place. Those of the wire are in publish-client/request.h, those
 * of names and zones in zones/. */
#ifndef PHONEBOOKD_LIMITS_H
#define PHONEBOOKD_LIMITS_H

enum {
    /* Clients. A user is a uid with its range in /etc/subuid; uid 0 is exempt from what is counted
     * per user. */
    CONNECTIONS_PER_USER = 256,   /* where phonebookd.conf has no connections-per-user, */
    REGISTRATIONS_PER_USER = 512, /* no names-per-user, */
    NAMESPACES_PER_USER = 64,     /* and no namespaces-per-user */
    ACCOUNTS_ROOT_SHARE =
        16,                 /* of connections, names and namespaces a sixteenth is left to root, */
    ACCOUNTS_FEW_SHARE = 8, /* and an eighth to users that hold fewer than */
    ACCOUNTS_FEW = 4,
    REGISTRATIONS_PER_CONNECTION = 64,
    SUBUID_LOOK_MS = 1000,     /* between two looks at /etc/subuid */
    SUBUID_FILE_MAX = 1 << 24, /* octets */
    /* Names in all, where phonebookd.conf has no names-max. An accepted name with two addresses, in
     * zones of two databases, was measured to take 1.3 KiB at most while both are built (files in a
     * tmpfs and kernel memory included), one of 180 octets 7 KiB, one with 28 addresses 11 KiB. */
    NAME_MEMORY = 4096,
    NAMES_MACHINE_SHARE = 4, /* a fourth of the machine's memory, where no control group has less */
    NAMES_DEFAULT_MAX = 1 << 20,
    DESCRIPTORS_RESERVED = 64, /* of RLIMIT_NOFILE, kept free of client connections */
    LISTEN_BACKLOG = 1024,     /* who connects waits behind all in it */
    ACCEPTS_PER_TURN = 512,    /* of the loop: connections taken, so that the rest gets its turn; */
    NEWCOMERS_PER_TURN = 32,   /* and of them, those that have not hung up */
    REQUESTS_PER_TURN = 32,    /* of all connections, one each, per loop turn */
    ANSWERS_PER_TURN = 64,     /* to those who waited to be live */
    IDLE_ENDS_PER_TURN = 64,   /* connections that end since they never asked */
    ENTRIES_PER_TURN = 16,     /* namespaces of taken connections that are tried again */
    STORED_AGAIN_PER_TURN = 32, /* messages to a keeper that is new, before it answers them */
    STORING_MAX = 64,       /* messages that the keeper has not answered, before another request */
    ACCEPT_REST_MS = 250,   /* how long the listener rests when accept(2) failed */
    STATUS_EVERY_MS = 2000, /* between two looks at what the supervisor is told */
    LEAVE_LIMIT_MS = 4500,  /* so long the end waits for a keeper: supervisors kill after 5 s */
    LEAVE_LOOK_MS = 20,
    IDLE_LIMIT_S = 60, /* a connection without an accepted request lives so long */

    WAITING_LOOK_MS = 20,  /* after a dump that changed nothing: is somebody live by that? */
    FACTS_LOOK_MS = 60000, /* between two looks for a user or group that is not known */

    /* The list. */
    LIST_READERS_ROOT = 8,       /* at a time, of uid 0, which nobody else can take from it */
    LIST_READERS_PER_USER = 4,   /* of any other, and of */
    LIST_READERS_MAX = 64,       /* all others together */
    LIST_TIMEOUT_S = 30,         /* without a piece being read; and so long a place is safe */
    LIST_PIECE = 4096,           /* octets sent at a time: what was read is seen in whole pieces */
    LIST_SOCKET_OCTETS = 8192,   /* SO_SNDBUF; the kernel's memory for them is ours (memory.max) */
    LIST_SLICE = 1024,           /* lines and addresses written in one turn of the loop */
    LIST_SLICES_KEPT = 256,      /* for further readers, and octets of */
    LIST_OCTETS_KEPT = 8 << 20,  /* these together */
    LIST_WITHHELD_MAX = 1 << 16, /* addresses in a list that are told one by one; then, of each */
    LIST_WITHHELD_FEW = 64,      /* line, so many, and the number of the rest */

    /* Addresses, each link's once for each name on it, since each costs so much at each build. */
    NAME_ADDRESSES_MAX = 8192,
    USER_ADDRESSES_MAX = 1 << 16,     /* of the names in one database */
    DATABASE_ADDRESSES_MAX = 1 << 20, /* for root too */

    /* What it costs to look at names that may have changed. */
    BUDGET_SHARE = 10,      /* of each user's a tenth of a processor, */
    BUDGET_BURST_MS = 1000, /* after so much processor time at once */
    LOOK_SLICE_US = 2000,   /* of processor time in a turn of the loop, for all databases, */
    LOOK_REST_MS = 1,       /* to the next turn */
    LOOKS_PER_TURN = 64,    /* names of one user after the other, each of */
    ADDRESSES_PER_LOOK = 16,
    SPREAD_PER_TURN = 256, /* registrations whose interface has changed are found between */
    AUDIT_MS = 60000,      /* after a change, all names are looked at again, */
    AUDIT_SLICE_US = 1000, /* so long, and then not for */
    AUDIT_REST_MS = 10,

    /* Namespaces (a numbered namespace slows every address event on the host a little). */
    NETWATCH_NAMESPACES_MAX = 4096,
    NETWATCH_NSID_FIRST = 1 << 20, /* the kernel's own choices start at 0 */
    NETWATCH_RECEIVE_BUFFER = 16 << 20,
    NETWATCH_MESSAGES_PER_TURN = 256,
    NETWATCH_MESSAGES_PER_SECOND = 8192, /* more are a flood, as an overrun is */
    NETWATCH_DRAIN_MAX = 1 << 17,        /* datagrams thrown away at most after an overrun */
    NETWATCH_REST_MS = 1000,             /* how long the event socket rests after an overrun */
    NETWATCH_CALM_MS = 5000,             /* without an overrun: the flood is over */
    NETWATCH_DUMP_INTERVAL_MS = 1000,    /* of one namespace, */
    NETWATCH_LOOK_AGAIN_MS = 250, /* but so soon after one that lacks what was there before */
    NETWATCH_DUMP_SHARE = 50, /* a dump's processor time times this: so long its namespace rests */
    NETWATCH_SHARE_BURST_MS = 1000, /* so far ahead may the dumps of a user's namespaces get */
    NETWATCH_DUMP_LIMIT_MS = 2000,  /* on the clock, for one dump of another namespace than ours */
    NETWATCH_DUMP_PARTS_FREE = 4,   /* which a small one has, and which that limit spares */
    NETWATCH_DUMP_SLOW_MS = 50, /* on the clock: whoever's dump took that goes behind the others */
    NETWATCH_DUMP_SLOW_MEMORY_MS = 60000, /* for so long */
    NETWATCH_LINKS_ASKED_MAX = 1024,      /* links that a dump left out, asked for one by one */
    NETWATCH_START_WAIT_MS = 5000,        /* for one dump, when everything is read at the start */
    NETWATCH_START_LIMIT_MS = 30000,      /* for all of them */
    NETWATCH_DUMP_TRIES = 5,    /* after NLM_F_DUMP_INTR, before waiting for the next interval */
    NETWATCH_NUMBER_TRIES = 32, /* nsids that may turn out to be taken */
    NETWATCH_AUDIT_MS = 60000,
    NAMESPACE_RETRY_MS = 10000, /* to the next try to enter that of a connection that was taken */
    NAMESPACE_LINKS_MAX = 1 << 14, /* of a namespace with more, what was known stays */
    NAMESPACE_ADDRESSES_MAX = 1 << 16,
    NAMESPACE_ALTNAMES_MAX = 1 << 13,       /* those beyond are left out, */
    NAMESPACE_ALTNAME_OCTETS_MAX = 1 << 18, /* and those that would make more octets in all */
    LINK_ADDRESSES_MAX = 4096, /* of a family; each name on the link costs so much at each build */

    /* Crashes (crashes.h). */
    CRASHES_TOLERATED = 3,
    CRASHES_WINDOW_S = 10,
    CRASHES_FACTOR = 2,      /* so many times as many are set aside with each further one */
    STARTS_TOLERATED = 4,    /* that died, in a row */
    STARTS_WINDOW_S = 600,   /* from one to the next */
    STARTS_ASIDE_FIRST = 16, /* what they die of is mostly an amount, and not the newest one */
    STARTS_FACTOR = 4,
    CRASHES_REMEMBERED = 256, /* notes in the file: up to three of a start */
    CRASHES_ASIDE_MAX = 1 << 20,

    /* Databases and reloads. */
    DATABASES_MAX = 64,
    STATIC_FILES_MAX = 64,    /* of a database */
    DATABASE_RETRY_MS = 5000, /* after a build that failed */
    CLOCK_LOOK_MS = 15000,    /* between two looks whether another clock than the loop's went on, */
    CLOCK_STEP_S = 2,         /* or was set, by so much at least (both are read in turn) */
    COLLECT_SHARE = 9, /* a collection's time times this: rest after one that changed nothing, */
    COLLECT_REST_MAX_MS = 1000, /* but no longer */
    FILE_WATCH_SETTLE_MS = 50,  /* from the first sign of a change to the look at it */
    FILE_WATCH_RETRY_MS = 1000,
    FILE_WATCH_WRITING_MS = 5000,  /* a file that is open has been written, unless more comes, */
    FILE_WATCH_EMPTY_MS = 60000,   /* but its writer may need longer to begin; */
    FILE_WATCH_LINKED_MS = 1000,   /* a new one to which nothing comes was linked to its place */
    STATIC_FILE_MAX = 1 << 30,     /* octets; a CDB has room for four times that */
    STATIC_COMPLAINTS_LOGGED = 10, /* refused lines of a file that are told one by one */
    PROGRAM_RETRY_MS = 15000, /* after a run that failed; doubled with each further one, up to */
    PROGRAM_RETRY_MAX_MS = 300000,
    RELOAD_COMMAND_LIMIT_MS = 5000,
    ON_CHANGE_LIMIT_MS = 60000,
    ON_CHANGE_PREFIXES_MAX = 1024, /* a text in the environment has at most 128 KiB (execve(2)) */
    SERVER_HIDDEN_MS = 3000, /* a server that /proc hides is ready when it was seen for so long */
    RELOAD_RETRY_MS = 1000,  /* while a server is not there */
    RELOAD_RETRY_FAST = 60,  /* tries at that pace; then every RELOAD_RETRY_SLOW_MS */
    RELOAD_RETRY_SLOW_MS = 30000,
};

#endif
