#include "scene.h"

#include "../unit/made.h"

enum { SINCE = 1700000000 };

void scene_init(struct scene *scene)
{
    *scene = (struct scene){0};
    loop_setup(&scene->t);
    scene->zones[0] = made_zone("box.example", "public");
    scene->zones[0].n_rules = 1; /* global */
    scene->zones[1] = made_zone("internal", "internal");
    scene->zones[1].rules[0] = scene->zones[1].rules[1]; /* private */
    scene->zones[1].n_rules = 1;
    scene->list[0] = &scene->zones[0];
    scene->list[1] = &scene->zones[1];
    made_servers(scene->list, 2);
    accounts_init(&scene->accounts);
    interfaces_init(&scene->interfaces);
    registry_init(&scene->registry, &scene->accounts, scene->list, 2);
    scene->holder.namespace = interfaces_add(&scene->interfaces, 77, NAMESPACE_OWN);
    scene_links(scene, "eth0 10.0.0.1 2001:db8::1");
}

int scene_fini(struct scene *scene)
{
    int result;
    registry_drop_holder(&scene->registry, &scene->holder);
    result = loop_teardown(&scene->t);
    registry_fini(&scene->registry);
    accounts_fini(&scene->accounts);
    interfaces_fini(&scene->interfaces);
    zone_fini(&scene->zones[0]);
    zone_fini(&scene->zones[1]);
    return result;
}

struct registration *scene_claim(struct scene *scene, const char *name, const char *interface)
{
    struct registration *added;
    char why[REGISTRY_WHY_MAX];
    if (registry_add(&scene->registry, &scene->holder, name, interface, &no_request_options, SINCE,
                     true, &added, why) != REGISTRY_OK)
        fail_msg("%s: %s", name, why);
    return added;
}

void scene_drop(struct scene *scene, struct registration *registration)
{
    registry_drop(&scene->registry, registration);
}

void scene_links(struct scene *scene, const char *links)
{
    made_links(scene->holder.namespace, links);
}

bool scene_has(const struct scene *scene, const char *name, const char *text)
{
    return strstr(files_text(scene->t.directory, name), text) != NULL;
}
