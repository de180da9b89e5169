/* Every limit of phonebookd. Limits of the protocol are in publish-client/request.h, limits of
 * names and zones in zones/.
 *
 * The end of a name gives its unit: _US, _MS and _S are times. _PER_TURN counts in one turn of the
 * event loop; the rest waits for the next turn. */
#ifndef PHONEBOOKD_LIMITS_H
#define PHONEBOOKD_LIMITS_H

enum {
    /* Clients. A "user" is a uid together with its range in /etc/subuid. Connections and requests
     * beyond a limit are refused. Limits per user do not apply to uid 0. */
    CONNECTIONS_PER_USER = 256,   /* The default of connections-per-user. */
    REGISTRATIONS_PER_USER = 512, /* The default of names-per-user. */
    NAMESPACES_PER_USER = 64,     /* The default of namespaces-per-user. */
    /* A 16th of all connections, names and namespaces is for root alone. */
    ACCOUNTS_ROOT_SHARE = 16,
    ACCOUNTS_FEW_SHARE = 8, /* A further 8th is for users who hold fewer than ACCOUNTS_FEW. */
    ACCOUNTS_FEW = 4,       /* A user who holds this many takes nothing from that 8th. */
    REGISTRATIONS_PER_CONNECTION = 64, /* Names on one connection. */
    SUBUID_LOOK_MS = 1000,       /* /etc/subuid is checked for changes at most once in this time. */
    SUBUID_ASK_MS = 60000,       /* A failed lookup of a user in it is repeated after this time. */
    OWNERS_START_WAIT_MS = 1000, /* The start waits this long for these lookups, then goes on. */
    SUBUID_FILE_MAX = 1 << 24,   /* A longer /etc/subuid, in octets, counts as empty. */
    /* Octets of memory for one name, in the default of names-max. Measured maxima, while two
     * databases are built, with files in a tmpfs and kernel memory: 1.3 KiB for a name with two
     * addresses, 7 KiB for one of 180 octets, 11 KiB for one with 28 addresses. */
    NAME_MEMORY = 4096,
    /* That default uses a 4th of the machine's memory, or the control group's limit if less. */
    NAMES_MACHINE_SHARE = 4,
    NAMES_DEFAULT_MAX = 1 << 20, /* The default of names-max is never higher. */
    /* Client connections leave this many descriptors of RLIMIT_NOFILE free: for files, netlink,
     * helpers, readers of the list, clients of `control` and watched processes. */
    DESCRIPTORS_RESERVED = 192,
    SOCKET_PATH_MAX = 108,   /* Octets of a socket's path, with its NUL (unix(7)). */
    LISTEN_BACKLOG = 1024,   /* Clients that wait to be accepted; others block in connect(2). */
    ACCEPTS_PER_TURN = 512,  /* Connections accepted. */
    NEWCOMERS_PER_TURN = 32, /* Of these, clients that have not hung up yet. */
    REQUESTS_PER_TURN = 32,  /* Requests served, in the order of connection-set.h. */
    ANSWERS_PER_TURN = 64,   /* Clients answered that waited for their name to be live. */
    IDLE_ENDS_PER_TURN = 64, /* Connections closed because of IDLE_LIMIT_S. */
    ENTRIES_PER_TURN = 16,   /* Restored connections that try again to enter their namespace. */
    /* Messages to a new keeper at once; the next follow when it has answered these. */
    STORED_AGAIN_PER_TURN = 32,
    STORING_MAX = 64,       /* While the keeper owes this many answers, no request is served. */
    ACCEPT_REST_MS = 250,   /* After accept(2) failed, the listener pauses for this time. */
    STATUS_EVERY_MS = 2000, /* The supervisor gets a changed status within this time. */
    /* At its end, phonebookd waits this long for progress at the keeper: supervisors kill after
     * 5 s. */
    LEAVE_LIMIT_MS = 4500,
    LEAVE_LOOK_MS = 20, /* It checks this often whether the keeper has everything. */
    IDLE_LIMIT_S = 60,  /* A connection without an accepted request is closed after this time. */
    /* After a dump that changed nothing, waiting clients are checked within this time. */
    WAITING_LOOK_MS = 20,
    FACTS_LOOK_MS = 60000, /* Unknown users and groups are looked up again once in this time. */
    /* This long after a hang-up we check whether the process that connected still runs. */
    HANG_UP_LOOK_MS = 1000,
    HANG_UPS_WATCHED = 16, /* Processes waiting for this check; others are not checked. */

    /* The `control` socket. A client beyond a limit is refused. */
    CONTROL_CLIENTS_ROOT = 4,     /* Clients of uid 0, in places that nobody else can use. */
    CONTROL_CLIENTS_PER_USER = 2, /* Clients of any other user. */
    CONTROL_CLIENTS_MAX = 16,     /* Clients of all users except root together. */
    CONTROL_TIMEOUT_S = 10,       /* A client that has sent no line by then is refused. */

    /* The `list` socket. A reader beyond a limit replaces another (places.h) or is refused. */
    LIST_READERS_ROOT = 8,     /* Readers of uid 0, in places that nobody else can use. */
    LIST_READERS_PER_USER = 4, /* Readers of any other user. */
    LIST_READERS_MAX = 64,     /* Readers of all users except root together. */
    /* A reader that reads nothing for this time is cut off; an older one can be replaced. */
    LIST_TIMEOUT_S = 30,
    LIST_PIECE = 4096,         /* Octets of one send(2), the unit of a reader's progress. */
    LIST_SOCKET_OCTETS = 8192, /* SO_SNDBUF of a reader; the kernel charges it to our memory.max. */
    LIST_SLICE = 1024,         /* Lines and addresses that are written in one turn. */
    LIST_FOUND_PER_TOLD = 4,   /* Finding this many addresses counts as writing one. */
    LIST_SLICES_KEPT = 256,    /* Slices kept for other readers; then the oldest is dropped. */
    LIST_OCTETS_KEPT = 8 << 20,  /* Octets of these slices; the same. */
    LIST_WITHHELD_MAX = 1 << 16, /* Withheld addresses that a list names one by one. */
    LIST_WITHHELD_FEW = 64, /* From then on it names this many in each line, and counts the rest. */

    /* Addresses. An address of an interface counts once for each name on the interface, because
     * each build costs that much. A request beyond a limit is refused; addresses that come later
     * are not published. */
    NAME_ADDRESSES_MAX = 8192, /* Addresses of one name. */
    /* Addresses of all names of one user in one database; not for root. */
    USER_ADDRESSES_MAX = 1 << 16,
    DATABASE_ADDRESSES_MAX = 1 << 20, /* Addresses in one database, root's included. */

    /* Processor time for looking (look.h) at names that may have changed. */
    BUDGET_SHARE = 10,      /* In the long run a user's names get a 10th of a processor. */
    BUDGET_BURST_MS = 1000, /* Beyond that share and this much processor time, they wait. */
    LOOK_SLICE_US = 2000,   /* Processor time for looking in one turn, shared by all databases. */
    LOOK_REST_MS = 1,       /* The pause until the next turn. */
    LOOKS_PER_TURN = 64,    /* Names of one user that are looked at before the next user's. */
    /* This many addresses of a name count as one more name for LOOKS_PER_TURN. */
    ADDRESSES_PER_LOOK = 16,
    SPREAD_PER_TURN = 256, /* Registrations of changed interfaces whose listings are touched. */
    AUDIT_MS = 60000,      /* This long after a change, an audit looks at all names again. */
    AUDIT_SLICE_US = 1000, /* Processor time of one step of an audit. */
    AUDIT_REST_MS = 10,    /* The pause between two steps. */

    /* Network namespaces. Each numbered namespace slows down every address event on the host a
     * little. A dump that fails is repeated; the addresses known before stay. */
    NETWATCH_NAMESPACES_MAX = 4096, /* Namespaces of all clients; a request beyond is refused. */
    /* The lowest nsid that we give to a namespace: the kernel's own choices start at 0. */
    NETWATCH_NSID_FIRST = 1 << 20,
    NETWATCH_RECEIVE_BUFFER = 16 << 20, /* Octets of the event socket's receive buffer. */
    NETWATCH_MESSAGES_PER_TURN = 256,   /* Events read. */
    /* More events than this are a flood, treated as an overrun of the buffer. */
    NETWATCH_MESSAGES_PER_SECOND = 8192,
    NETWATCH_DRAIN_MAX = 1 << 17,     /* Datagrams dropped at most after an overrun. */
    NETWATCH_REST_MS = 1000,          /* After an overrun the event socket pauses for this time. */
    NETWATCH_CALM_MS = 5000,          /* A flood is over after this time without an overrun. */
    NETWATCH_DUMP_INTERVAL_MS = 1000, /* A namespace is dumped at most once in this time. */
    /* If a dump lacks something that was there before, the next follows after this time. */
    NETWATCH_LOOK_AGAIN_MS = 250,
    /* A namespace is not dumped again for this many times the processor time of its last dump. */
    NETWATCH_DUMP_SHARE = 50,
    /* All dumps of a user have that share too, and may be ahead of it by this time. */
    NETWATCH_SHARE_BURST_MS = 1000,
    NETWATCH_DUMP_LIMIT_MS = 2000, /* A longer dump of another namespace than ours fails. */
    NETWATCH_DUMP_PARTS_FREE = 4,  /* First parts of a dump without that limit, for small dumps. */
    NETWATCH_DUMP_SLOW_MS = 50,    /* A user with a longer dump is slow: others' dumps go first. */
    NETWATCH_DUMP_SLOW_MEMORY_MS = 60000, /* A user stays slow for this time. */
    /* Links missing from a dump that are requested one by one; with more, the dump fails. */
    NETWATCH_LINKS_ASKED_MAX = 1024,
    NETWATCH_START_WAIT_MS = 5000,   /* The start waits this long for one dump, */
    NETWATCH_START_LIMIT_MS = 30000, /* and this long for all dumps together; then it goes on. */
    NETWATCH_DUMP_TRIES = 5,         /* Attempts after NLM_F_DUMP_INTR, until the next interval. */
    NETWATCH_NUMBER_TRIES = 32, /* Attempts to find a free nsid; then the request is refused. */
    NETWATCH_AUDIT_MS = 60000,  /* All namespaces are dumped once in this time. */
    /* The event loop waits this long for the number of a namespace, then refuses the request. */
    NAMESPACE_READER_ANSWER_MS = 1000,
    /* A restored connection tries again after this time to enter its namespace. */
    NAMESPACE_RETRY_MS = 10000,
    NAMESPACE_LINKS_MAX = 1 << 14,     /* A dump with more links fails. */
    NAMESPACE_ADDRESSES_MAX = 1 << 16, /* A dump with more addresses fails. */
    /* Further alternative names of links in one namespace are ignored. */
    NAMESPACE_ALTNAMES_MAX = 1 << 13,
    NAMESPACE_ALTNAME_OCTETS_MAX = 1 << 18, /* So are those beyond this many octets in all. */
    LINK_ADDRESSES_MAX = 4096, /* Further addresses of one family on one link are ignored. */

    /* Crashes (crashes-verdict.h). */
    CRASHES_TOLERATED = 3,    /* After this many crashes, connections are set aside: one first. */
    CRASHES_WINDOW_S = 10,    /* The time within which these crashes count. */
    CRASHES_FACTOR = 2,       /* Each further crash sets this many times as many aside. */
    STARTS_TOLERATED = 4,     /* So do this many starts in a row that died. */
    STARTS_WINDOW_S = 600,    /* Starts are in a row if each is within this time of the next. */
    STARTS_ASIDE_FIRST = 16,  /* Set aside first: too many connections are the usual cause. */
    STARTS_FACTOR = 4,        /* Each further start that died sets this many times as many aside. */
    CRASHES_REMEMBERED = 256, /* Notes in the file `crashes`; older ones are removed. */
    CRASHES_ASIDE_MAX = 1 << 20, /* A number set aside that has reached this grows no more. */

    /* Databases and reloads. A configuration beyond the first two limits is refused. */
    DATABASES_MAX = 64,       /* Databases. */
    STATIC_FILES_MAX = 64,    /* Static files of one database. */
    DATABASE_RETRY_MS = 5000, /* A failed build is repeated after this time. */
    /* Once in this time we check whether the wall clock was set or the machine suspended. */
    CLOCK_LOOK_MS = 15000,
    /* Smaller steps of the wall clock are ignored: two clocks are not read at the same moment. */
    CLOCK_STEP_S = 2,
    FILE_WATCH_SETTLE_MS = 50,  /* A file is checked this long after the first sign of a change. */
    FILE_WATCH_RETRY_MS = 1000, /* A file that cannot be watched is checked once in this time. */
    /* A file still open for writing counts as complete after this time without a write. */
    FILE_WATCH_WRITING_MS = 5000,
    FILE_WATCH_EMPTY_MS = 60000, /* An empty one counts as complete after this time. */
    /* A new one does so after this time: it may have been linked to its place complete. */
    FILE_WATCH_LINKED_MS = 1000,
    STATIC_FILE_MAX = 1 << 30,     /* A longer static file, in octets, is not used. */
    STATIC_COMPLAINTS_LOGGED = 10, /* Refused lines of a static file that are logged one by one. */
    /* The event loop waits this long for the launcher to open a FIFO. */
    LAUNCHER_ANSWER_MS = 1000,
    /* A failed program runs again after this time, doubled with each failure. */
    PROGRAM_RETRY_MS = 15000,
    PROGRAM_RETRY_MAX_MS = 300000,  /* The doubled time is at most this. */
    RELOAD_COMMAND_LIMIT_MS = 5000, /* A reload command is killed after this time. */
    ON_CHANGE_LIMIT_MS = 60000,     /* An on-change program is killed after this time. */
    /* Prefixes in its environment, where a text has at most 128 KiB (execve(2)). */
    ON_CHANGE_PREFIXES_MAX = 1024,
    /* A server hidden by /proc counts as ready when it has been seen for this time. */
    SERVER_HIDDEN_MS = 3000,
    RELOAD_RETRY_MS = 1000, /* A server that is not there is looked for again after this time. */
    RELOAD_RETRY_FAST = 60, /* After this many such attempts, RELOAD_RETRY_SLOW_MS applies. */
    RELOAD_RETRY_SLOW_MS = 30000, /* The time between all further attempts. */
};

#endif
