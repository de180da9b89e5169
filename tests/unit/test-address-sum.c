/* The sum of the host's addresses: which changes count, and which do not. */
#include "../../phonebookd/state/address-sum.h"
#include "made.h"

#include <stdio.h>

static void the_sum_differs_with_the_addresses_that_others_reach(void **state)
{
    static const struct {
        const char *links;
        bool same;
    } cases[] = {
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1", true},
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1 fe80::1", true},
        {"lo, eth0 10.0.0.1 2001:db8::1, veth0 fe80::2", true},
        {"lo 127.0.0.1, wan 10.0.0.1 2001:db8::1", true},
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1=deprecated", true},
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1 2001:db8::2=tentative", true},
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1, -eth1 10.0.0.2", true},
        {"lo 127.0.0.1, eth0 10.0.0.1 2001:db8::1 2001:db8::2", false},
        {"lo 127.0.0.1, eth0 10.0.0.1", false},
        {"lo 127.0.0.1, eth0 10.0.0.2 2001:db8::1", false},
        {"lo 127.0.0.1, -eth0 10.0.0.1 2001:db8::1", false},
        {"lo 127.0.0.1", false},
    };
    (void)state;
    struct interfaces interfaces;
    interfaces_init(&interfaces);
    struct namespace *namespace = interfaces_add(&interfaces, 1, NAMESPACE_OWN);
    made_links(namespace, cases[0].links);
    uint64_t before = address_sum(namespace);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        made_links(namespace, cases[i].links);
        if ((address_sum(namespace) == before) != cases[i].same)
            fail_msg("%s", cases[i].links);
    }
    interfaces_fini(&interfaces);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_sum_differs_with_the_addresses_that_others_reach),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
