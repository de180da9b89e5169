#include "registry.h"

#include "registry-parts.h"

void registry_forget_place(struct registry *registry, struct registration *registration)
{
    if (registration->unplaced)
        TAILQ_REMOVE(&registry->unplaced, registration, others_unplaced);
    registration->unplaced = false;
}

void registry_note_place(struct registry *registry, struct registration *registration)
{
    struct registration_age age = registration_age(registration);
    registry_forget_place(registry, registration);
    if (registration->n_claims > 0)
        return;
    struct registration *older = TAILQ_LAST(&registry->unplaced, registration_list);
    while (older && registration_compare_age(registration_age(older), age) > 0)
        older = TAILQ_PREV(older, registration_list, others_unplaced);
    if (older)
        TAILQ_INSERT_AFTER(&registry->unplaced, older, registration, others_unplaced);
    else
        TAILQ_INSERT_HEAD(&registry->unplaced, registration, others_unplaced);
    registration->unplaced = true;
}
