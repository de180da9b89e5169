#include "command-fit.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { MORE_MAX = 16 }; /* " +1048576" */

/* The width of all columns that are shown, and the gaps. */
static int needed(const int *widths, int n)
{
    int sum = -FIT_GAP;
    for (int i = 0; i < n; i++)
        sum += widths[i] > 0 ? widths[i] + FIT_GAP : 0;
    return sum;
}

/* Leaves out one column. False if only those are left that stay. */
static bool leave_one(int *widths, const struct fit_rule *rules, int n)
{
    int first = -1;
    for (int i = 0; i < n; i++)
        if (widths[i] > 0 && rules[i].leave > 0 &&
            (first < 0 || rules[i].leave > rules[first].leave))
            first = i;
    if (first >= 0)
        widths[first] = 0;
    return first >= 0;
}

/* Widens the columns that are too narrow by one character each, in turns. */
static void share(int *widths, const int *contents, int n, int rest)
{
    for (bool any = true; any && rest > 0;) {
        any = false;
        for (int i = 0; i < n && rest > 0; i++)
            if (widths[i] > 0 && widths[i] < contents[i]) {
                widths[i]++;
                rest--;
                any = true;
            }
    }
}

void fit_columns(const int *contents, int *widths, const struct fit_rule *rules, int n, int total)
{
    for (int i = 0; i < n; i++)
        widths[i] = rules[i].leave == FIT_NEVER ? 0 : contents[i];
    if (needed(widths, n) <= total)
        return;
    for (int i = 0; i < n; i++)
        if (widths[i] > rules[i].least)
            widths[i] = rules[i].least;
    while (needed(widths, n) > total && leave_one(widths, rules, n))
        ;
    share(widths, contents, n, total - needed(widths, n));
}

void fit_text(char *text, int width)
{
    static const char missing[] = "...";
    int n = (int)strlen(missing);
    if ((int)strlen(text) <= width)
        return;
    text[width] = '\0';
    if (width > n)
        memcpy(text + width - n, missing, (size_t)n);
}

void fit_items(char *text, int width)
{
    char more[MORE_MAX] = "";
    char *comma;
    for (int n = 1; (int)(strlen(text) + strlen(more)) > width && (comma = strrchr(text, ','));
         n++) {
        *comma = '\0';
        snprintf(more, sizeof more, " +%d", n);
    }
    if (width > (int)strlen(more))
        fit_text(text, width - (int)strlen(more));
    if ((int)(strlen(text) + strlen(more)) <= width)
        strcat(text, more);
    else
        fit_text(text, width);
}
