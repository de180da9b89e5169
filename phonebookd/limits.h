/* Every limit of phonebookd. Limits of the protocol are in publish-client/request.h, limits of
 * names and zones in zones/. A turn is one turn of the event loop. */
#ifndef PHONEBOOKD_LIMITS_H
#define PHONEBOOKD_LIMITS_H

enum {
    /* Clients. A "user" is a uid together with its range in /etc/subuid. Limits per user do not
     * apply to uid 0. */
    CONNECTIONS_PER_USER = 256,   /* The default of connections-per-user. */
    REGISTRATIONS_PER_USER = 512, /* The default of names-per-user. */
    NAMESPACES_PER_USER = 64,     /* The default of namespaces-per-user. */
    /* A 16th of all connections, names and namespaces is for root alone. */
    ACCOUNTS_ROOT_SHARE = 16,
    ACCOUNTS_FEW_SHARE = 8, /* A further 8th is for users who hold fewer than ACCOUNTS_FEW. */
    ACCOUNTS_FEW = 4,       /* Users who hold fewer may take from that 8th. */
    REGISTRATIONS_PER_CONNECTION = 64, /* Names on one connection. */
    SUBUID_LOOK_MS = 1000,             /* /etc/subuid is checked for changes once in this time. */
    SUBUID_ASK_MS = 60000,       /* A user of it who could not be looked up is asked for again. */
    OWNERS_START_WAIT_MS = 1000, /* The start waits at most so long for the users of it. */
    SUBUID_FILE_MAX = 1 << 24,   /* A larger /etc/subuid, in octets, is not read. */
    /* Octets of memory for one name, from which the default of names-max follows. Measured maxima,
     * while two databases are built, with files in a tmpfs and kernel memory: 1.3 KiB for a name
     * with two addresses, 7 KiB for one of 180 octets, 11 KiB for one with 28 addresses. */
    NAME_MEMORY = 4096,
    /* The names may use a 4th of the machine's memory, or the control group's limit if less. */
    NAMES_MACHINE_SHARE = 4,
    NAMES_DEFAULT_MAX = 1 << 20, /* The default of names-max is never higher. */
    /* Client connections leave this many descriptors of RLIMIT_NOFILE free: for files, netlink and
     * the helpers, and for all readers of the list, clients of `control` and watched processes. */
    DESCRIPTORS_RESERVED = 192,
    SOCKET_PATH_MAX = 108,   /* Octets of the path of a socket, with its NUL: unix(7). */
    LISTEN_BACKLOG = 1024,   /* Clients that may wait to be accepted. */
    ACCEPTS_PER_TURN = 512,  /* Connections accepted in one turn of the event loop. */
    NEWCOMERS_PER_TURN = 32, /* The same, counting only clients that have not hung up yet. */
    /* Requests served in one turn, at most one of each connection before all others had theirs. */
    REQUESTS_PER_TURN = 32,
    /* Clients that waited for their name to be live and are answered in one turn. */
    ANSWERS_PER_TURN = 64,
    /* Connections closed in one turn because they never sent an accepted request. */
    IDLE_ENDS_PER_TURN = 64,
    /* Restored connections whose network namespace is entered again in one turn. */
    ENTRIES_PER_TURN = 16,
    /* Messages to a new keeper in one turn; the next follow when it has answered these. */
    STORED_AGAIN_PER_TURN = 32,
    STORING_MAX = 64, /* No request is served while the keeper has this many messages to answer. */
    ACCEPT_REST_MS = 250,   /* The listener pauses for so long after accept(2) failed. */
    STATUS_EVERY_MS = 2000, /* The status for the supervisor is looked at once in this time. */
    /* phonebookd, told to end, waits for the keeper at most so long: supervisors kill after 5 s. */
    LEAVE_LIMIT_MS = 4500,
    LEAVE_LOOK_MS = 20, /* While it waits, it looks this often whether the keeper has everything. */
    IDLE_LIMIT_S = 60,  /* A connection without an accepted request is closed after this time. */
    /* After a dump that changed nothing, waiting clients are looked at within this time. */
    WAITING_LOOK_MS = 20,
    /* Unknown users and groups of the configuration are looked for again once in this time. */
    FACTS_LOOK_MS = 60000,

    /* A connection with names hung up: so much later we look whether the process that made it still
     * runs, */
    HANG_UP_LOOK_MS = 1000,
    HANG_UPS_WATCHED = 16, /* for so many processes at a time; each takes a descriptor. */

    /* The control socket. */
    CONTROL_CLIENTS_ROOT = 4,     /* Clients of uid 0; nobody else can use these places. */
    CONTROL_CLIENTS_PER_USER = 2, /* Clients of any other user. */
    CONTROL_CLIENTS_MAX = 16,     /* Clients of all users except root together. */
    CONTROL_TIMEOUT_S = 10,       /* A client that has sent no line by then is refused. */

    /* The list. */
    /* Lists that uid 0 can read at a time; nobody else can use these places. */
    LIST_READERS_ROOT = 8,
    LIST_READERS_PER_USER = 4, /* Lists that any other user can read at a time. */
    LIST_READERS_MAX = 64,     /* Lists that all users except root together can read at a time. */
    /* A reader that reads nothing for so long is cut off; one that is older can be replaced. */
    LIST_TIMEOUT_S = 30,
    LIST_PIECE = 4096, /* Octets sent at a time: progress of a reader is seen in whole pieces. */
    /* SO_SNDBUF of a reader; the kernel charges this memory to our memory.max. */
    LIST_SOCKET_OCTETS = 8192,
    LIST_SLICE = 1024, /* Lines and addresses written in one turn. */
    /* Finding this many addresses of a name counts as one more that is written. */
    LIST_FOUND_PER_TOLD = 4,
    LIST_SLICES_KEPT = 256,     /* Slices kept for other readers of the same list. */
    LIST_OCTETS_KEPT = 8 << 20, /* Octets of all slices kept. */
    /* A list names each withheld address until it has named this many. */
    LIST_WITHHELD_MAX = 1 << 16,
    LIST_WITHHELD_FEW = 64, /* From then on it names this many in each line, and counts the rest. */

    /* Addresses. An address of an interface counts once for each name on the interface, because
     * each build costs that much. */
    NAME_ADDRESSES_MAX = 8192, /* Addresses of one name. */
    /* Addresses of all names of one user in one database; not for root. */
    USER_ADDRESSES_MAX = 1 << 16,
    DATABASE_ADDRESSES_MAX = 1 << 20, /* Addresses in one database, root's included. */

    /* Processor time for looking at names that may have changed. */
    BUDGET_SHARE = 10, /* The names of one user take a 10th of a processor in the long run. */
    /* A user may be so much processor time ahead of that share before his names wait. */
    BUDGET_BURST_MS = 1000,
    LOOK_SLICE_US = 2000, /* Processor time for this in one turn, shared by all databases. */
    LOOK_REST_MS = 1,     /* The pause until the next turn. */
    LOOKS_PER_TURN = 64,  /* Names of one user that are looked at before the next user's. */
    /* This many addresses of a name count as one more name for LOOKS_PER_TURN. */
    ADDRESSES_PER_LOOK = 16,
    SPREAD_PER_TURN = 256, /* Registrations of a changed interface that are found in one go. */
    AUDIT_MS = 60000,      /* All names are looked at once more this long after a change. */
    AUDIT_SLICE_US = 1000, /* Processor time of one step of that. */
    AUDIT_REST_MS = 10,    /* The pause between two steps. */

    /* Network namespaces. Each numbered namespace slows down every address event on the host a
     * little. */
    NETWATCH_NAMESPACES_MAX = 4096, /* Network namespaces of all clients together. */
    /* The lowest nsid that we give to a namespace: the kernel's own choices start at 0. */
    NETWATCH_NSID_FIRST = 1 << 20,
    NETWATCH_RECEIVE_BUFFER = 16 << 20, /* Receive buffer of the event socket, in octets. */
    NETWATCH_MESSAGES_PER_TURN = 256,   /* Events read in one turn. */
    /* More events than this are a flood, treated as an overrun of the buffer. */
    NETWATCH_MESSAGES_PER_SECOND = 8192,
    NETWATCH_DRAIN_MAX = 1 << 17,     /* Datagrams thrown away at most after an overrun. */
    NETWATCH_REST_MS = 1000,          /* The event socket pauses for so long after an overrun. */
    NETWATCH_CALM_MS = 5000,          /* A flood is over after this time without an overrun. */
    NETWATCH_DUMP_INTERVAL_MS = 1000, /* A namespace is dumped at most once in this time, */
    /* or after this time if its last dump lacked something that was there before. */
    NETWATCH_LOOK_AGAIN_MS = 250,
    /* A namespace is not dumped again for this many times the processor time of its last dump. */
    NETWATCH_DUMP_SHARE = 50,
    /* The dumps of one user may be this far ahead of the same share of time. */
    NETWATCH_SHARE_BURST_MS = 1000,
    NETWATCH_DUMP_LIMIT_MS = 2000, /* Time limit of one dump, except of our own namespace. */
    /* The first parts of a dump have no time limit, so that small dumps always succeed. */
    NETWATCH_DUMP_PARTS_FREE = 4,
    /* A user is slow if one of his dumps takes longer; the others' dumps go first then. */
    NETWATCH_DUMP_SLOW_MS = 50,
    NETWATCH_DUMP_SLOW_MEMORY_MS = 60000, /* A user stays slow for this time. */
    NETWATCH_LINKS_ASKED_MAX = 1024, /* Links missing from a dump that we ask for one by one. */
    NETWATCH_START_WAIT_MS = 5000,   /* Time limit of one dump at the start, */
    NETWATCH_START_LIMIT_MS = 30000, /* and of all dumps at the start together. */
    NETWATCH_DUMP_TRIES = 5,         /* Attempts after NLM_F_DUMP_INTR, until the next interval. */
    NETWATCH_NUMBER_TRIES = 32,      /* Attempts to find an nsid that is free. */
    NETWATCH_AUDIT_MS = 60000,       /* All namespaces are dumped once in this time. */
    /* The event loop waits at most so long for the number of a client's namespace. */
    NAMESPACE_READER_ANSWER_MS = 1000,
    /* A restored connection's namespace that cannot be entered is tried again after this time. */
    NAMESPACE_RETRY_MS = 10000,
    /* A dump with more links is not used; the addresses known before stay. */
    NAMESPACE_LINKS_MAX = 1 << 14,
    NAMESPACE_ADDRESSES_MAX = 1 << 16, /* The same for more addresses. */
    /* Further alternative names of links in one namespace are ignored, */
    NAMESPACE_ALTNAMES_MAX = 1 << 13,
    NAMESPACE_ALTNAME_OCTETS_MAX = 1 << 18, /* and so are those beyond this many octets in all. */
    LINK_ADDRESSES_MAX = 4096, /* Further addresses of one family on one link are ignored. */

    /* Crashes (crashes.h). */
    CRASHES_TOLERATED = 3, /* Connections are set aside after this many crashes */
    CRASHES_WINDOW_S = 10, /* within this time: one connection first, */
    CRASHES_FACTOR = 2,    /* and this many times as many after each further crash. */
    STARTS_TOLERATED = 4, /* Connections are set aside after this many starts in a row that died, */
    STARTS_WINDOW_S = 600,    /* each within this time of the next: */
    STARTS_ASIDE_FIRST = 16,  /* so many first, because too many connections are the usual cause, */
    STARTS_FACTOR = 4,        /* and this many times as many after each further start that died. */
    CRASHES_REMEMBERED = 256, /* Notes in the file `crashes`; one start writes up to three. */
    CRASHES_ASIDE_MAX = 1 << 20, /* Connections set aside at most. */

    /* Databases and reloads. */
    DATABASES_MAX = 64,       /* Databases. */
    STATIC_FILES_MAX = 64,    /* Static files of one database. */
    DATABASE_RETRY_MS = 5000, /* A failed build is repeated after this time. */
    /* Once in this time we check whether the wall clock was set or the machine suspended. */
    CLOCK_LOOK_MS = 15000,
    /* Smaller steps of the wall clock are ignored: two clocks are not read at the same moment. */
    CLOCK_STEP_S = 2,
    FILE_WATCH_SETTLE_MS = 50, /* A file is looked at this long after the first sign of a change. */
    FILE_WATCH_RETRY_MS = 1000, /* A file that cannot be watched is looked at once in this time. */
    /* A file still open for writing counts as complete after this time without a write, */
    FILE_WATCH_WRITING_MS = 5000,
    FILE_WATCH_EMPTY_MS = 60000, /* an empty one after this time, */
    /* and a new one, which may have been linked to its place complete, after this time. */
    FILE_WATCH_LINKED_MS = 1000,
    STATIC_FILE_MAX = 1 << 30, /* Octets of a static file; a CDB has room for four times as many. */
    /* Refused lines of one static file that are logged one by one. */
    STATIC_COMPLAINTS_LOGGED = 10,
    /* The event loop waits at most so long for the launcher to open a FIFO. */
    LAUNCHER_ANSWER_MS = 1000,
    /* A program that failed runs again after this time, doubled with each further failure */
    PROGRAM_RETRY_MS = 15000,
    PROGRAM_RETRY_MAX_MS = 300000,  /* up to this time. */
    RELOAD_COMMAND_LIMIT_MS = 5000, /* A reload command is killed after this time. */
    ON_CHANGE_LIMIT_MS = 60000,     /* An on-change program is killed after this time. */
    /* Prefixes in its environment: a text there has at most 128 KiB (execve(2)). */
    ON_CHANGE_PREFIXES_MAX = 1024,
    /* A server hidden by /proc counts as ready when it has been seen for so long. */
    SERVER_HIDDEN_MS = 3000,
    RELOAD_RETRY_MS = 1000, /* A server that is not there is looked for again after this time, */
    RELOAD_RETRY_FAST = 60, /* this many times; */
    RELOAD_RETRY_SLOW_MS = 30000, /* then after this time. */
};

#endif
