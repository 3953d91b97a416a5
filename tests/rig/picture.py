# SPDX-License-Identifier: MIT
"""Screens of a terminal as an SVG that a browser shows one after the other."""

from html import escape

CELL_WIDTH, CELL_HEIGHT, BASELINE, MARGIN = 9, 19, 14, 16
SECONDS = 5  # that each screen is shown

# A dark window of its own, which is readable on a light page and on a dark one.
COLOURS = {"default": "#d6dbe3", "black": "#000000", "white": "#ffffff", "red": "#ff7b72", "green": "#7ee787",
           "brown": "#e3b341", "blue": "#79c0ff", "magenta": "#d2a8ff", "cyan": "#76e3ea"}
WINDOW = "#161b22"

HALVES = {"▀": [(0, 0.5)], "▄": [(0.5, 0.5)], "█": [(0, 1)]}


def colour(name):
    return COLOURS.get(name) or f"#{name}"


def runs(cells):
    """Neighbours that look the same: where they begin, the first of them, and their text."""
    found = []
    for x, cell in enumerate(cells):
        look = (cell.fg, cell.bg, cell.bold)
        if found and found[-1][1] == look:
            found[-1][2] += cell.data
        else:
            found.append([x, look, cell.data])
    return found


def rectangle(x, y, width, height, fill):
    return f'<rect x="{x}" y="{y:g}" width="{width}" height="{height:g}" fill="{fill}"/>'


def draw_run(x, y, look, text):
    """The background, and then the letters; blocks are drawn, as no font fills its cells."""
    front, back, bold = look
    left, top = MARGIN + x * CELL_WIDTH, MARGIN + y * CELL_HEIGHT
    if back != "default":
        yield rectangle(left, top, len(text) * CELL_WIDTH, CELL_HEIGHT, colour(back))
    for i, character in enumerate(text):
        for begin, part in HALVES.get(character, []):
            yield rectangle(left + i * CELL_WIDTH, top + begin * CELL_HEIGHT, CELL_WIDTH, part * CELL_HEIGHT,
                            colour(front))
    letters = "".join(" " if character in HALVES else character for character in text)
    begin, shown = len(letters) - len(letters.lstrip()), letters.strip()
    if shown:
        weight = ' font-weight="bold"' if bold else ""
        yield (f'<text x="{left + begin * CELL_WIDTH}" y="{top + BASELINE}" textLength="{len(shown) * CELL_WIDTH}" '
               f'fill="{colour(front)}"{weight}>{escape(shown)}</text>')


def draw_frame(number, cells):
    shapes = [shape for y, row in enumerate(cells) for x, look, text in runs(row)
              for shape in draw_run(x, y, look, text)]
    return "\n".join([f'<g class="frame" id="frame{number}">', *shapes, "</g>"])


def style(n):
    """One frame at a time; the first alone for readers who want nothing to move."""
    share = 100 / n
    rules = [".frame { opacity: 0; animation: show %ds step-end infinite; }" % (n * SECONDS),
             "@keyframes show { 0%% { opacity: 1; } %.4g%% { opacity: 0; } }" % share]
    rules += ["#frame%d { animation-delay: %ds; }" % (i, i * SECONDS) for i in range(n)]
    rules += ["@media (prefers-reduced-motion: reduce) { .frame { animation: none; } #frame0 { opacity: 1; } }"]
    return "\n".join(rules)


def draw(title, frames):
    """Each frame is the rows of a screen, of cells as pyte has them."""
    width = 2 * MARGIN + CELL_WIDTH * max(len(row) for cells in frames for row in cells)
    height = 2 * MARGIN + CELL_HEIGHT * max(len(cells) for cells in frames)
    return "\n".join([
        "<!-- SPDX-License-Identifier: MIT -->",
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        'role="img" font-family="ui-monospace, Menlo, Consolas, \'DejaVu Sans Mono\', monospace" font-size="15" '
        'xml:space="preserve">',
        f"<title>{escape(title)}</title>", f"<style>\n{style(len(frames))}\n</style>",
        f'<rect width="{width}" height="{height}" rx="8" fill="{WINDOW}"/>',
        *(draw_frame(number, cells) for number, cells in enumerate(frames)), "</svg>", ""])
