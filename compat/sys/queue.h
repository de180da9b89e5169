/* The lists of queue(7) that the sources use, for C libraries without them. The head of a tail
 * queue and the links in its elements have the same form: the next element, and the address of the
 * pointer to this one. */
#ifndef COMPAT_SYS_QUEUE_H
#define COMPAT_SYS_QUEUE_H

#include <stddef.h>

#define TAILQ_HEAD(name, type)                                                                     \
    struct name {                                                                                  \
        struct type *tqh_first, **tqh_last;                                                        \
    }
#define TAILQ_ENTRY(type)                                                                          \
    struct {                                                                                       \
        struct type *tqe_next, **tqe_prev;                                                         \
    }
#define TAILQ_FIRST(head) ((head)->tqh_first)
#define TAILQ_NEXT(item, link) ((item)->link.tqe_next)
#define TAILQ_EMPTY(head) ((head)->tqh_first == NULL)
#define TAILQ_LAST(head, name) (*((struct name *)(head)->tqh_last)->tqh_last)
#define TAILQ_INIT(head) ((head)->tqh_first = NULL, (void)((head)->tqh_last = &(head)->tqh_first))
#define TAILQ_FOREACH(item, head, link)                                                            \
    for ((item) = (head)->tqh_first; (item); (item) = (item)->link.tqe_next)
#define TAILQ_INSERT_HEAD(head, item, link)                                                        \
    do {                                                                                           \
        if (((item)->link.tqe_next = (head)->tqh_first))                                           \
            (head)->tqh_first->link.tqe_prev = &(item)->link.tqe_next;                             \
        else                                                                                       \
            (head)->tqh_last = &(item)->link.tqe_next;                                             \
        (head)->tqh_first = (item);                                                                \
        (item)->link.tqe_prev = &(head)->tqh_first;                                                \
    } while (0)
#define TAILQ_INSERT_TAIL(head, item, link)                                                        \
    do {                                                                                           \
        (item)->link.tqe_next = NULL;                                                              \
        (item)->link.tqe_prev = (head)->tqh_last;                                                  \
        *(head)->tqh_last = (item);                                                                \
        (head)->tqh_last = &(item)->link.tqe_next;                                                 \
    } while (0)
#define TAILQ_REMOVE(head, item, link)                                                             \
    do {                                                                                           \
        if ((item)->link.tqe_next)                                                                 \
            (item)->link.tqe_next->link.tqe_prev = (item)->link.tqe_prev;                          \
        else                                                                                       \
            (head)->tqh_last = (item)->link.tqe_prev;                                              \
        *(item)->link.tqe_prev = (item)->link.tqe_next;                                            \
    } while (0)

#define TAILQ_INSERT_AFTER(head, before, item, link)                                               \
    do {                                                                                           \
        if (((item)->link.tqe_next = (before)->link.tqe_next))                                     \
            (item)->link.tqe_next->link.tqe_prev = &(item)->link.tqe_next;                         \
        else                                                                                       \
            (head)->tqh_last = &(item)->link.tqe_next;                                             \
        (before)->link.tqe_next = (item);                                                          \
        (item)->link.tqe_prev = &(before)->link.tqe_next;                                          \
    } while (0)
#define TAILQ_PREV(item, name, link) (*((struct name *)(void *)(item)->link.tqe_prev)->tqh_last)

#define TAILQ_CONCAT(to, from, link)                                                               \
    do {                                                                                           \
        if ((from)->tqh_first) {                                                                   \
            *(to)->tqh_last = (from)->tqh_first;                                                   \
            (from)->tqh_first->link.tqe_prev = (to)->tqh_last;                                     \
            (to)->tqh_last = (from)->tqh_last;                                                     \
            TAILQ_INIT(from);                                                                      \
        }                                                                                          \
    } while (0)

/* Lists with links in one direction. */
#define STAILQ_HEAD(name, type)                                                                    \
    struct name {                                                                                  \
        struct type *stqh_first, **stqh_last;                                                      \
    }
#define STAILQ_ENTRY(type)                                                                         \
    struct {                                                                                       \
        struct type *stqe_next;                                                                    \
    }
#define STAILQ_FIRST(head) ((head)->stqh_first)
#define STAILQ_INIT(head)                                                                          \
    ((head)->stqh_first = NULL, (void)((head)->stqh_last = &(head)->stqh_first))
#define STAILQ_INSERT_TAIL(head, item, link)                                                       \
    do {                                                                                           \
        (item)->link.stqe_next = NULL;                                                             \
        *(head)->stqh_last = (item);                                                               \
        (head)->stqh_last = &(item)->link.stqe_next;                                               \
    } while (0)
#define STAILQ_REMOVE_HEAD(head, link)                                                             \
    do {                                                                                           \
        if (!((head)->stqh_first = (head)->stqh_first->link.stqe_next))                            \
            (head)->stqh_last = &(head)->stqh_first;                                               \
    } while (0)
#define STAILQ_EMPTY(head) ((head)->stqh_first == NULL)
#define STAILQ_FOREACH(item, head, link)                                                           \
    for ((item) = (head)->stqh_first; (item); (item) = (item)->link.stqe_next)
#define STAILQ_REMOVE(head, item, type, link)                                                      \
    do {                                                                                           \
        struct type **stqe_at = &(head)->stqh_first;                                               \
        while (*stqe_at != (item))                                                                 \
            stqe_at = &(*stqe_at)->link.stqe_next;                                                 \
        if (!(*stqe_at = (item)->link.stqe_next))                                                  \
            (head)->stqh_last = stqe_at;                                                           \
    } while (0)

/* Lists whose items can be removed without the head. */
#define LIST_HEAD(name, type)                                                                      \
    struct name {                                                                                  \
        struct type *lh_first;                                                                     \
    }
#define LIST_ENTRY(type)                                                                           \
    struct {                                                                                       \
        struct type *le_next, **le_prev;                                                           \
    }
#define LIST_FIRST(head) ((head)->lh_first)
#define LIST_NEXT(item, link) ((item)->link.le_next)
#define LIST_INIT(head) ((void)((head)->lh_first = NULL))
#define LIST_INSERT_HEAD(head, item, link)                                                         \
    do {                                                                                           \
        if (((item)->link.le_next = (head)->lh_first))                                             \
            (head)->lh_first->link.le_prev = &(item)->link.le_next;                                \
        (head)->lh_first = (item);                                                                 \
        (item)->link.le_prev = &(head)->lh_first;                                                  \
    } while (0)
#define LIST_REMOVE(item, link)                                                                    \
    do {                                                                                           \
        if ((item)->link.le_next)                                                                  \
            (item)->link.le_next->link.le_prev = (item)->link.le_prev;                             \
        *(item)->link.le_prev = (item)->link.le_next;                                              \
    } while (0)

#endif
