"""Charts as inline SVG, drawn by the server: no script, no style attribute, readable by anybody."""

from collections.abc import Sequence

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

_WIDTH, _HEIGHT, _TOP = 640, 160, 20


def bars(points: Sequence[tuple[object, float]], title: str, unit: str = "", *, table: bool = True) -> SafeString:
    """A bar for each (label, value), and the figures as a table for those who cannot see it, unless the page has one (`table`)."""
    highest = max((value for _label, value in points), default=0) or 1
    step = _WIDTH / max(len(points), 1)
    drawn = format_html_join(
        "",
        '<rect class="chart__bar" x="{}" y="{}" width="{}" height="{}" rx="2"><title>{}: {}</title></rect>',
        (
            (
                f"{position * step + step * 0.15:.1f}",
                f"{_TOP + (_HEIGHT - _TOP) * (1 - value / highest):.1f}",
                f"{step * 0.7:.1f}",
                f"{max((_HEIGHT - _TOP) * value / highest, 1):.1f}",
                label,
                f"{value:g} {unit}".strip(),
            )
            for position, (label, value) in enumerate(points)
        ),
    )
    rows = format_html_join(
        "", '<tr><th scope="row">{}</th><td>{}</td></tr>', ((label, f"{value:g}") for label, value in points)
    )
    hidden = format_html(
        '<table class="visually-hidden"><caption>{}</caption><tbody>{}</tbody></table>', title, rows
    )  # fmt: skip
    return format_html(
        '<figure class="chart"><figcaption>{}</figcaption>'
        '<svg viewBox="0 0 {} {}" role="img" aria-label="{}" preserveAspectRatio="none">'
        '<line class="chart__axis" x1="0" x2="{}" y1="{}" y2="{}"/>{}</svg>{}</figure>',
        title, _WIDTH, _HEIGHT + 1, title, _WIDTH, _HEIGHT, _HEIGHT, drawn, hidden if table else "",
    )  # fmt: skip
