# SPDX-License-Identifier: MIT
"""The figures as a picture: a bar for each, as long as it is of its goal. It is drawn for a light and a dark page."""

from xml.sax.saxutils import escape

ROW, LEFT, WIDE, TOP, BOTTOM = 22, 400, 420, 46, 40
RIGHT = 190  # for the numbers
MOST = 2.0  # of the goal; longer bars are cut

STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .note { font-size: 11px; fill: #59636e }
  .ok { fill: #2da44e } .short { fill: #cf222e } .goal { stroke: #1f2328; stroke-dasharray: 3 3 }
  .page { fill: #ffffff }
  @media (prefers-color-scheme: dark) {
    text { fill: #e6edf3 } .note { fill: #9198a1 } .ok { fill: #3fb950 } .short { fill: #f85149 }
    .goal { stroke: #e6edf3 } .page { fill: #0d1117 }
  }
"""


def share_of_goal(figure):
    """1 is the goal, and less is better, whichever way the figure counts."""
    if figure.at_least:
        return figure.goal / max(figure.result, 1e-9)
    if figure.goal == 0:
        return 0 if figure.result <= 0 else MOST
    return max(0, figure.result / figure.goal)


def row(figure, y, is_one_of_several):
    title = figure.title + (f" / {figure.yardstick}" if is_one_of_several else "")
    texts = [f'<text x="{LEFT - 10}" y="{y + 14}" text-anchor="end">{escape(title)}</text>']
    if not figure.measured:
        return texts + [f'<text class="note" x="{LEFT + 6}" y="{y + 14}">{escape(figure.reason)}</text>']
    share = share_of_goal(figure)
    length = max(1, min(share, MOST) / MOST * WIDE)
    _, _, _, _, result, goal, _ = figure.cells()
    return texts + [
        f'<rect class="{"ok" if figure.reached else "short"}" x="{LEFT}" y="{y + 3}" width="{length:.0f}" '
        f'height="{ROW - 7}" rx="2"/>',
        f'<text x="{LEFT + WIDE + 8}" y="{y + 14}">{escape(result)}{" →" if share > MOST else ""}'
        f'<tspan class="note"> of {escape(goal)}</tspan></text>']


def to_svg(figures, caption):
    width, height = LEFT + WIDE + RIGHT, TOP + ROW * len(figures) + BOTTOM
    goal, titles = LEFT + WIDE / MOST, [figure.title for figure in figures]
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" '
             f'aria-label="Each figure as a part of its goal">', f"<style>{STYLE}</style>",
             f'<rect class="page" width="{width}" height="{height}"/>',
             f'<text x="{goal:.0f}" y="{TOP - 14}" text-anchor="middle">the goal; shorter is better</text>']
    for at, figure in enumerate(figures):
        lines += row(figure, TOP + ROW * at, titles.count(figure.title) > 1)
    lines += [f'<line class="goal" x1="{goal:.0f}" x2="{goal:.0f}" y1="{TOP - 6}" y2="{height - BOTTOM + 4}"/>',
              f'<text class="note" x="10" y="{height - 12}">{escape(caption)}</text>', "</svg>"]
    return "\n".join(lines) + "\n"
