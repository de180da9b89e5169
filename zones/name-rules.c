#include "name-rules.h"

#include "../common/array.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

_Static_assert(NAME_RULES_MAX == 1024, "the texts say so");

/* Takes `text` apart: the name, "" for the apex; and whether the rule is for names below it. */
static enum name_outcome read_name(char name[static NAME_TEXT_MAX + 1], bool *below,
                                   const char *text)
{
    *below = text[0] == '*' && (text[1] == '.' || !text[1]);
    if (*below)
        text += text[1] ? 2 : 1;
    name[0] = '\0';
    if (strcmp(text, *below ? "" : "@") == 0)
        return NAME_OK;
    if (name_is_wildcard(text))
        return NAME_BAD_WILDCARD;
    return name_canonical(name, text, strlen(text));
}

struct name_rule *name_rules_add(struct name_rules *rules, const char *text, unsigned line,
                                 const char **why)
{
    size_t length = strlen(text);
    struct name_rule rule = {.line = line, .absolute = length && text[length - 1] == '.'};
    char name[NAME_TEXT_MAX + 1];
    enum name_outcome outcome = read_name(name, &rule.below, text);
    *why = outcome != NAME_OK           ? name_outcome_text(outcome)
           : rules->n == NAME_RULES_MAX ? "is one rule too many: at most 1024"
                                        : NULL;
    if (*why)
        return NULL;
    *why = "out of memory";
    struct name_rule *added = array_append(&rules->rules, rules->n, sizeof *added);
    if (!added || !(rule.name = strdup(name)))
        return NULL;
    rules->n++;
    *added = rule;
    return added;
}

void name_rules_drop(struct name_rules *rules, size_t i)
{
    free(rules->rules[i].name);
    memmove(&rules->rules[i], &rules->rules[i + 1], (--rules->n - i) * sizeof *rules->rules);
}

void name_rules_fini(struct name_rules *rules)
{
    for (size_t i = 0; i < rules->n; i++)
        free(rules->rules[i].name);
    free(rules->rules);
    *rules = (struct name_rules){0};
}

static int compare(const char *name, bool below, const struct name_rule *rule)
{
    int order = strcmp(name, rule->name);
    return order ? order : below - rule->below;
}

/* Rules for the same name are in the order of their lines. */
static int compare_rules(const void *left, const void *right)
{
    const struct name_rule *a = left, *b = right;
    int order = compare(a->name, a->below, b);
    return order ? order : (a->line > b->line) - (a->line < b->line);
}

/* Makes the rule's name a full name. Returns NULL, or why that fails (a static text). */
static const char *make_full(struct name_rule *rule, const char *zone)
{
    if (rule->absolute)
        return name_within(rule->name, zone) ? NULL : "is not in the zone";
    char full[NAME_TEXT_MAX + 1];
    if (!rule->name[0])
        strcpy(full, zone);
    else if (name_join(full, rule->name, zone) != NAME_OK)
        return "is too long with the zone's name";
    char *copy = strdup(full);
    if (!copy)
        return "out of memory";
    free(rule->name);
    rule->name = copy;
    return NULL;
}

void name_rules_complete(struct name_rules *rules, const char *zone,
                         void (*wrong)(void *context, const struct name_rule *rule,
                                       const char *why),
                         void *context)
{
    for (size_t i = 0; i < rules->n; i++) {
        const char *fault = make_full(&rules->rules[i], zone);
        rules->groups = rules->groups || rules->rules[i].people.n_gids > 0;
        if (fault)
            wrong(context, &rules->rules[i], fault);
    }
    if (rules->n > 0)
        qsort(rules->rules, rules->n, sizeof *rules->rules, compare_rules);
    for (size_t i = 1; i < rules->n; i++) {
        const struct name_rule *before = &rules->rules[i - 1], *rule = &rules->rules[i];
        if (compare(rule->name, rule->below, before) != 0)
            continue;
        char why[64];
        snprintf(why, sizeof why, "is given twice: line %u has it, too", before->line);
        wrong(context, rule, why);
    }
}

struct wanted {
    const char *name;
    bool below;
};

static int compare_wanted(const void *wanted, const void *rule)
{
    const struct wanted *a = wanted;
    return compare(a->name, a->below, rule);
}

static const struct name_rule *look_up(const struct name_rules *rules, const char *name, bool below)
{
    const struct wanted wanted = {name, below};
    return bsearch(&wanted, rules->rules, rules->n, sizeof *rules->rules, compare_wanted);
}

const struct name_rule *name_rules_find(const struct name_rules *rules, const char *name)
{
    const struct name_rule *rule = rules->n > 0 ? look_up(rules, name, false) : NULL;
    while (rules->n > 0 && !rule && (name = name_above(name)))
        rule = look_up(rules, name, true);
    return rule;
}
