#include "scene.h"

enum { SINCE = 1700000000 };

void scene_init(struct scene *scene)
{
    *scene = (struct scene){0};
    loop_setup(&scene->t);
    room_init(&scene->room, "box.example=public internal=internal", 1);
    room_divide_classes(&scene->room);
    scene_links(scene, "eth0 10.0.0.1 2001:db8::1");
}

int scene_fini(struct scene *scene)
{
    room_empty(&scene->room);
    int result = loop_teardown(&scene->t);
    room_fini(&scene->room);
    return result;
}

struct registration *scene_claim(struct scene *scene, const char *name, const char *interface)
{
    return room_claim(&scene->room, 0, name, interface, &no_request_options, SINCE, REGISTRY_TAKEN);
}

void scene_drop(struct scene *scene, struct registration *registration)
{
    registry_drop(&scene->room.registry, registration);
}

void scene_links(struct scene *scene, const char *links)
{
    made_links(scene->room.holders[0].namespace, links);
}

bool scene_has(const struct scene *scene, const char *name, const char *text)
{
    return strstr(files_text(scene->t.directory, name), text) != NULL;
}
