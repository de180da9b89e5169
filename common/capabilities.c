#include "capabilities.h"

#include <errno.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { PARTS = _LINUX_CAPABILITY_U32S_3 };

static struct __user_cap_header_struct header(void)
{
    return (struct __user_cap_header_struct){.version = _LINUX_CAPABILITY_VERSION_3};
}

static uint64_t permitted(void)
{
    struct __user_cap_header_struct who = header();
    struct __user_cap_data_struct parts[PARTS] = {{0}};
    if (syscall(SYS_capget, &who, parts) < 0)
        return 0;
    return parts[0].permitted | (uint64_t)parts[1].permitted << 32;
}

static bool set(uint64_t had, uint64_t inherited)
{
    struct __user_cap_header_struct who = header();
    struct __user_cap_data_struct parts[PARTS];
    for (int i = 0; i < PARTS; i++) {
        parts[i].effective = parts[i].permitted = (uint32_t)(had >> 32 * i);
        parts[i].inheritable = (uint32_t)(inherited >> 32 * i);
    }
    return syscall(SYS_capset, &who, parts) == 0;
}

/* Above the last capability, prctl(2) fails with EINVAL. */
static bool bind_to(uint64_t bound)
{
    for (unsigned long i = 0; i < 64; i++)
        if (!(bound & CAPABILITY(i)) && prctl(PR_CAPBSET_DROP, i, 0, 0, 0) < 0)
            return errno == EINVAL;
    return true;
}

/* CAP_SETPCAP may be permitted and not effective: set() makes it effective first. */
static bool keep(uint64_t kept, uint64_t inherited, uint64_t bound)
{
    uint64_t had = permitted();
    if (had & CAPABILITY(CAP_SETPCAP) && (!set(had, 0) || !bind_to(bound)))
        return false;
    return prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) == 0 &&
           set(had & kept, had & inherited);
}

bool capabilities_keep(uint64_t kept, uint64_t bound)
{
    return keep(kept, 0, bound);
}

bool capabilities_give(uint64_t given)
{
    uint64_t had = permitted();
    if (!keep(given, given, given))
        return false;
    for (unsigned long i = 0; i < 64; i++)
        if (had & given & CAPABILITY(i) && prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0) < 0)
            return false;
    return true;
}
