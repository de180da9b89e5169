"""Samples, and how they are shown: the median with the smallest and the largest, and Markdown."""
import statistics


def number(value):
    """Three digits that count."""
    if value == 0:
        return "0"
    size = abs(value)
    return f"{value:,.0f}" if size >= 100 else f"{value:.1f}" if size >= 10 else f"{value:.2f}"


def spread(samples, scale=1.0):
    """`median (smallest-largest)`, or a dash where there are none."""
    if not samples:
        return "-"
    scaled = [sample * scale for sample in samples]
    middle = number(statistics.median(scaled))
    if len(scaled) == 1:
        return middle
    return f"{middle} ({number(min(scaled))}-{number(max(scaled))})"


def milliseconds(samples):
    return spread(samples, 1e3)


def ratios(samples, others):
    """Each against its partner of the same round, so that a slow moment of the machine hits both."""
    return spread([a / b for a, b in zip(samples, others)])


def beside(samples, others):
    """`of the medians / of the fastest`: the second is what a busy machine spoils least."""
    return " / ".join(number(choose(samples) / choose(others))
                      for choose in (statistics.median, min))


def table(head, rows):
    """A Markdown table; all columns but the first are figures."""
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
