/* Fits a table into a terminal: the widths of its columns, and shortening texts that are wider than
 * their column. Widths are in characters, each one octet of ASCII. Pure. */
#ifndef PUBLISH_CLIENT_COMMAND_FIT_H
#define PUBLISH_CLIENT_COMMAND_FIT_H

enum { FIT_GAP = 2 }; /* between two columns */

struct fit_rule {
    int least; /* the column is not made narrower than this, unless its content is */
    /* If there is not enough room, the column with the highest number is left out first. 0: it
     * stays; FIT_NEVER: it is never shown. */
    int leave;
};
enum { FIT_NEVER = -1 };

/* Computes widths for columns with contents of these widths, so that they and the gaps fit into
 * `total`; 0 for a column that is left out. If not even the columns that stay fit, they get their
 * least width. */
void fit_columns(const int *contents, int *widths, const struct fit_rule *rules, int n, int total);

/* Shortens `text` to `width` in place; "..." marks the missing part. */
void fit_text(char *text, int width);

/* The same for items separated by commas: keeps as many as fit, and the number of the others, as in
 * "a,b +7". */
void fit_items(char *text, int width);

#endif
