"""Figures as a picture, by gnuplot(1)."""
import shutil
import subprocess

SCRIPT = """set terminal svg noenhanced size 800,480 font "sans-serif,13" background "white"
set output "{path}"
set title "{title}"
set xlabel "{xlabel}"
set ylabel "{ylabel}"
set logscale y
set grid ytics
set key below
set xrange [-0.2:{last}.2]
set xtics ({ticks})
set datafile missing "-"
plot {plots}
"""


def draw(path, title, xlabel, ylabel, labels, lines):
    """An SVG with a line for each of `lines`, {title: a value, or None, for each of the labels}, the
    values on a logarithmic scale. False where there is no gnuplot."""
    if not shutil.which("gnuplot"):
        return False
    ticks = ", ".join(f'"{label}" {i}' for i, label in enumerate(labels))
    plots = ", ".join(f'"-" using 1:2 with linespoints linewidth 2 title "{name}"' for name in lines)
    script = SCRIPT.format(path=path, title=title, xlabel=xlabel, ylabel=ylabel, ticks=ticks,
                           last=len(labels) - 1, plots=plots)
    for values in lines.values():
        script += "".join(f"{i} {'-' if value is None else value}\n"
                          for i, value in enumerate(values)) + "e\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True)
    return True
