#include "log-gate.h"

#include <string.h>

const char *log_cause_text(enum log_cause cause)
{
    static const char *const texts[LOG_CAUSES] = {
        [LOG_CUT] = "records that do not fit",
        [LOG_DATABASE] = "databases",
        [LOG_LOST] = "names that are not published",
        [LOG_NAMESPACE] = "network namespaces",
        [LOG_EVENTS] = "network events",
        [LOG_KEEPER] = "the keeper",
        [LOG_CLIENT] = "clients",
        [LOG_LIMIT] = "limits",
        [LOG_PROGRAM] = "programs and servers",
        [LOG_STATIC] = "static files",
    };
    return texts[cause];
}

static struct log_gate_row *find_row(struct log_gate_cause *cause, uint32_t uid)
{
    for (size_t i = 0; i < cause->n_users; i++)
        if (cause->users[i].uid == uid)
            return &cause->users[i];
    return NULL;
}

/* There is always room: each row comes with a line that was let through. */
static struct log_gate_row *add_row(struct log_gate_cause *cause, uint32_t uid)
{
    struct log_gate_row *row = &cause->users[cause->n_users++];
    *row = (struct log_gate_row){.uid = uid};
    return row;
}

/* For LOG_NOBODY only the limit of the cause applies. */
static unsigned lines_of(const struct log_gate_row *row)
{
    return row->uid == (uint32_t)LOG_NOBODY ? LOG_GATE_CAUSE_LINES : LOG_GATE_USER_LINES;
}

static bool has_room(const struct log_gate *gate, const struct log_gate_cause *cause,
                     const struct log_gate_row *row, size_t octets)
{
    if (cause->lines == 0)
        return true;
    return cause->lines < LOG_GATE_CAUSE_LINES && (!row || row->lines < lines_of(row)) &&
           gate->octets + octets <= LOG_GATE_OCTETS;
}

bool log_gate_admit(struct log_gate *gate, enum log_cause cause, uint32_t uid, size_t octets,
                    uint64_t now)
{
    struct log_gate_cause *of = &gate->causes[cause];
    struct log_gate_row *row = find_row(of, uid);
    if (!gate->ends)
        gate->ends = now + LOG_GATE_MINUTE_MS;
    if (!row)
        octets += LOG_GATE_TOLD;
    if (!has_room(gate, of, row, octets)) {
        gate->cut = true;
        ++*(row ? &row->left_out : &of->others_left_out);
        return false;
    }
    if (!row)
        row = add_row(of, uid);
    row->lines++;
    if (of->lines++ > 0)
        gate->octets += octets;
    return true;
}

bool log_gate_over(const struct log_gate *gate, uint64_t now)
{
    return gate->ends && now >= gate->ends;
}

void log_gate_close(struct log_gate *gate)
{
    memset(gate, 0, sizeof *gate);
}

/* The order is: for each cause its rows, then its other users. */
bool log_gate_left_out(const struct log_gate *gate, size_t *step, struct log_gate_count *count)
{
    enum { STEPS = LOG_GATE_CAUSE_LINES + 1 };
    while (gate->cut && *step < (size_t)LOG_CAUSES * STEPS) {
        size_t i = *step % STEPS;
        const struct log_gate_cause *cause = &gate->causes[*step / STEPS];
        count->cause = (enum log_cause)(*step / STEPS);
        count->others = i == LOG_GATE_CAUSE_LINES;
        count->uid = count->others ? (uint32_t)LOG_NOBODY : cause->users[i].uid;
        count->lines = count->others ? cause->others_left_out : cause->users[i].left_out;
        ++*step;
        if (count->lines > 0)
            return true;
    }
    return false;
}
