/* A registry for tests of publishing: two zones, each in a database of its own, and one holder with
 * one namespace. */
#ifndef TESTS_LOOP_SCENE_H
#define TESTS_LOOP_SCENE_H

#include "../unit/room.h"
#include "loop.h"

struct scene {
    struct test_loop t;
    struct room room; /* box.example in "public", global; internal in "internal", private */
};

void scene_init(struct scene *scene);
int scene_fini(struct scene *scene); /* as loop_teardown(); the holder is dropped first */

/* Ignores limits. */
struct registration *scene_claim(struct scene *scene, const char *name, const char *interface);
void scene_drop(struct scene *scene, struct registration *registration);
/* `links` as for made_links(). */
void scene_links(struct scene *scene, const char *links);

/* Is there a file of this name with this text? */
bool scene_has(const struct scene *scene, const char *name, const char *text);

#endif
