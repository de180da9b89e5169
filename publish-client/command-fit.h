/* What of a table fits on a terminal: how wide its columns become, and what is left of a text that
 * is wider than its column. Widths are in characters, each an octet of ASCII. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_FIT_H
#define PUBLISH_CLIENT_COMMAND_FIT_H

enum { FIT_GAP = 2 }; /* between two columns */

struct fit_rule {
    int least; /* less is of no use, where the content is wider */
    int leave; /* where it is too narrow for all, the column with the highest leaves first; 0: it
                * stays; FIT_NEVER: it is not shown at all */
};
enum { FIT_NEVER = -1 };

/* Widths for columns with contents of these widths that fit into `total` with the gaps; 0 for a
 * column that is left out. Where not even the columns that stay have room, they have their least.
 */
void fit_columns(const int *contents, int *widths, const struct fit_rule *rules, int n, int total);

/* Cuts `text` to `width` in place; "..." says that something is missing. */
void fit_text(char *text, int width);

/* The same of items that commas separate: as many as fit, and how many more there are, "a,b +7". */
void fit_items(char *text, int width);

#endif
