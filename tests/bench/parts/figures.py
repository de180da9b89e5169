"""Samples and their presentation: the median with the smallest and the largest, as Markdown. A sample that did not
come in time is None; it is counted, and no figure includes it."""
import contextlib
import statistics


def number(value):
    """The number with three significant digits."""
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def in_time(samples):
    return [sample for sample in samples if sample is not None]


def spread(samples, scale=1.0):
    """`median (smallest-largest)`, or a dash where there are no samples; and how many were late."""
    scaled = [sample * scale for sample in in_time(samples)]
    late = len(samples) - len(scaled)
    text = number(statistics.median(scaled)) if scaled else "-"
    if len(scaled) > 1:
        text += f" ({number(min(scaled))}-{number(max(scaled))})"
    return text + (f", {late} late" if late else "")


def milliseconds(samples):
    return spread(samples, 1e3)


def ratios(samples, others):
    """The ratio of each sample to the other of the same round, so that a slow moment of the machine affects both."""
    return spread([None if a is None or b is None else a / b for a, b in zip(samples, others)])


def beside(samples, others):
    """Ratios `of the medians / of the fastest`. The second is what a busy machine affects least."""
    samples, others = in_time(samples), in_time(others)
    if not samples or not others:
        return "-"
    return " / ".join(number(choose(samples) / choose(others))
                      for choose in (statistics.median, min))


def table(head, rows):
    """Prints a Markdown table. All columns but the first are figures."""
    rows = [[str(cell) for cell in row] for row in rows]
    widths = [max(len(row[i]) for row in [head, *rows]) for i in range(len(head))]

    def line(cells):
        padded = [c.ljust(w) if i == 0 else c.rjust(w)
                  for i, (c, w) in enumerate(zip(cells, widths))]
        return "| " + " | ".join(padded) + " |"

    print()
    print(line(head))
    print("|" + "|".join("-" * (w + 2) if i == 0 else "-" * (w + 1) + ":"
                         for i, w in enumerate(widths)) + "|")
    for row in rows:
        print(line(row))
    print(flush=True)


@contextlib.contextmanager
def shown(head, text=""):
    """Yields rows for a table that is printed at the end of the block, also where the block fails."""
    rows = []
    try:
        yield rows
    finally:
        if text:
            print(text)
        table(head, rows)
