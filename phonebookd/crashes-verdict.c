#include "crashes-verdict.h"

#include "limits.h"

/* `first` at the first end beyond the tolerated number, and `factor` times as many at each further
 * one. */
static size_t aside_for(size_t row, size_t tolerated, size_t first, size_t factor)
{
    size_t aside = first;
    if (row < tolerated)
        return 0;
    for (; row > tolerated && aside < CRASHES_ASIDE_MAX; row--)
        aside *= factor;
    return aside;
}

/* The number of crashes in a row, each within the window before the next one or before now. 0 if
 * the last CRASHES_TOLERATED of them took longer than one window. */
static size_t count_crashes(const struct crash_note *notes, size_t n, long long now)
{
    long long next = now, last = 0;
    size_t row = 0;
    for (; n > 0; n--) {
        if (notes[n - 1].kind != CRASH_SIGNAL)
            continue;
        if (next - notes[n - 1].time > CRASHES_WINDOW_S)
            break;
        next = notes[n - 1].time;
        last = row == 0 ? next : last;
        if (++row == CRASHES_TOLERATED && last - next > CRASHES_WINDOW_S)
            return 0;
    }
    return row;
}

/* The number of starts in a row that died: of them only the beginning was noted. A start that ended
 * by itself is ignored. */
static size_t count_starts(const struct crash_note *notes, size_t n, long long now)
{
    long long next = now;
    size_t row = 0;
    for (; n > 0 && next - notes[n - 1].time <= STARTS_WINDOW_S; n--) {
        next = notes[n - 1].time;
        if (notes[n - 1].kind == CRASH_START)
            row++;
        else if (notes[n - 1].kind == CRASH_LEFT && n > 1)
            n--;
        else
            break;
    }
    return row;
}

struct crash_verdict crashes_judge(const struct crash_note *notes, size_t n_notes, long long now)
{
    size_t crashes = count_crashes(notes, n_notes, now), starts = count_starts(notes, n_notes, now);
    size_t for_crashes = aside_for(crashes, CRASHES_TOLERATED, 1, CRASHES_FACTOR);
    size_t for_starts = aside_for(starts, STARTS_TOLERATED, STARTS_ASIDE_FIRST, STARTS_FACTOR);
    return (struct crash_verdict){
        .crashes = for_crashes > 0 ? crashes : 0,
        .starts = for_starts > 0 ? starts : 0,
        .aside = for_crashes > for_starts ? for_crashes : for_starts,
    };
}
