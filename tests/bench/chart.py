# SPDX-License-Identifier: MIT
"""The slowdowns as an SVG bar chart, in colours that can be read on light and on dark ground.  Used by
bench.py; runs nothing."""

import math
from xml.sax.saxutils import escape

from report import number, ratio

WIDTH = 900
LEFT = 250  # names of the workloads
RIGHT = 90  # figures behind the longest bar
BAR = 11
GAP = 14
HEAD = 64
FOOT = 44
COLOURS = {
    "bare": "#8a8a8a", "mtrace": "#1f77b4", "mtrace-c": "#17a2b8", "mtrace-openat": "#2ca02c",
    "mtrace-1cpu": "#5dade2", "strace": "#d62728", "strace-1cpu": "#ff7f0e", "strace-c": "#e377c2",
    "strace-seccomp": "#bc8f3f", "perf": "#9467bd",
}
STYLE = """<style>
text { font: 11px system-ui, sans-serif; fill: #222 }
.title { font-size: 15px; font-weight: 600 }
.grid { stroke: #8886; stroke-width: 1 }
.spread { stroke: #222; stroke-width: 1 }
@media (prefers-color-scheme: dark) {
text { fill: #ddd }
.spread { stroke: #ddd }
}
</style>"""


def legend(tools, top):
    """The names of the tools beside their colours, in rows of four; returns (lines, height)."""
    lines = []
    for place, tool in enumerate(tools):
        x, y = 10 + place % 3 * 290, top + place // 3 * 18
        lines.append(f'<rect x="{x}" y="{y - 9}" width="10" height="10" fill="{COLOURS[tool.name]}"/>')
        lines.append(f'<text x="{x + 15}" y="{y}">{escape(tool.title)}</text>')
    return lines, (len(tools) + 2) // 3 * 18


def draw(results, workloads, tools):
    """The chart as text.  The axis is logarithmic: a length is how many times the time alone."""
    tools = [tool for tool in tools if tool.name != "none"
             and any(ratio(results[workload.name], tool.name, "none") for workload in workloads)]
    groups = []
    for workload in workloads:
        bars = [(tool, ratio(results[workload.name], tool.name, "none")) for tool in tools]
        groups.append((workload, [(tool, value) for tool, value in bars if value]))
    groups = [group for group in groups if group[1]]
    values = [value for _, bars in groups for _, value in bars]
    top = max([10] + [value.high for value in values])
    decades = math.ceil(math.log10(top))
    scale = (WIDTH - LEFT - RIGHT) / decades

    def place(value):
        return LEFT + scale * math.log10(max(value, 1))

    legend_lines, legend_height = legend(tools, HEAD - 20)
    y = HEAD + legend_height
    bottom = y + sum(len(bars) * BAR + GAP for _, bars in groups)
    lines = [f'<svg xmlns="http://www.w3.org/2000/svg" width="{WIDTH}" height="{bottom + FOOT}" '
             f'viewBox="0 0 {WIDTH} {bottom + FOOT}" role="img">', STYLE,
             '<title>What tracing costs</title>',
             '<text class="title" x="10" y="22">What tracing costs</text>'] + legend_lines
    for decade in range(decades + 1):
        x = place(10 ** decade)
        lines.append(f'<line class="grid" x1="{x:.1f}" y1="{y - 8}" x2="{x:.1f}" y2="{bottom}"/>')
        lines.append(f'<text x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">'
                     f'{10 ** decade:,}</text>')
    lines.append(f'<text x="{(LEFT + WIDTH - RIGHT) / 2}" y="{bottom + 34}" text-anchor="middle">'
                 'times the program alone (logarithmic; the lines are quartiles)</text>')
    for workload, bars in groups:
        middle = y + len(bars) * BAR / 2 + 4
        lines.append(f'<text x="{LEFT - 8}" y="{middle:.1f}" text-anchor="end">'
                     f'{escape(workload.title)}</text>')
        for tool, value in bars:
            lines += bar(tool, value, y, place)
            y += BAR
        y += GAP
    return "\n".join(lines + ["</svg>", ""])


def bar(tool, value, y, place):
    """One bar, its quartiles and its figure."""
    end, low, high = place(value.median), place(value.low), place(value.high)
    middle = y + (BAR - 2) / 2
    return [f'<rect x="{LEFT}" y="{y}" width="{max(end - LEFT, 1):.1f}" height="{BAR - 2}" '
            f'fill="{COLOURS[tool.name]}"><title>{escape(tool.title)}: {number(value.median)}</title>'
            '</rect>',
            f'<line class="spread" x1="{low:.1f}" y1="{middle}" x2="{high:.1f}" y2="{middle}"/>',
            f'<text x="{max(end, high) + 4:.1f}" y="{y + BAR - 2}">{number(value.median)}</text>']
