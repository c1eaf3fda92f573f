"""SVG as matplotlib writes it, made short: the same picture in a file that is small enough for a repository."""

import re
from collections import Counter
from collections.abc import Sequence

type Point = tuple[int, int]

_PATH = re.compile(r'(<path[^>]* d=")([^"]*)"')
_COORDINATES = re.compile(r'(?<= )(x|y|transform)="[^"]*"')
_DECIMALS = re.compile(r"-?\d+\.\d+")
_CURVE = re.compile("[CQSTA]")
_PLAIN_GROUP = re.compile(r'<g(?: id="[^"]*")?>\n((?:(?!</?g\b).)*?)</g>\n', re.DOTALL)
_STYLE = re.compile(r'(?<= )style="([^"]*)"')


def shorten(text: str) -> str:
    """`text` with coordinates in tenths of a point, paths in relative steps, each style once, no needless nesting."""
    text = _PATH.sub(lambda found: f'{found[1]}{_shorten_path(found[2])}"', text)
    text = _COORDINATES.sub(lambda found: _round(found[0], 1), text)
    text = re.sub(r' transform="rotate\(-0 [^)]*\)"', "", text)
    text = re.sub(r">\s+<", ">\n<", text)
    while (without := _PLAIN_GROUP.sub(r"\1", text)) != text:
        text = without
    return _add_classes(text)


def _add_classes(text: str) -> str:
    """Styles that stand more than once, in the style sheet."""
    styles = [style for style, uses in Counter(_STYLE.findall(text)).items() if uses > 1]
    classes = {style: f"s{number}" for number, style in enumerate(styles)}
    text = _STYLE.sub(lambda found: f'class="{classes[found[1]]}"' if found[1] in classes else found[0], text)
    sheet = "".join(f"\n.{name}{{{style}}}" for style, name in classes.items())
    return text.replace("</style>", f"{sheet}</style>", 1)


def _shorten_path(data: str) -> str:
    """A path's `d`. Curves are markers a few points wide: a tenth of a point would be seen there."""
    if _CURVE.search(data):
        return _round(" ".join(data.split()), 2)
    return "".join(_read_line(_read_points(each)) + ("z" if "z" in each else "") for each in data.split("M")[1:])


def _read_points(line: str) -> list[Point]:
    """In tenths of a point."""
    numbers = [round(float(each) * 10) for each in line.replace("L", " ").replace("z", " ").split()]
    return list(zip(numbers[::2], numbers[1::2], strict=True))


def _read_line(points: Sequence[Point]) -> str:
    """One line, with only those points at which it turns. Whole tenths add up without an error."""
    (x, y), *others = _keep_turns(points)
    written = f"M{_format_tenths(x)} {_format_tenths(y)}"
    for next_x, next_y in others:
        step_x, step_y = _format_tenths(next_x - x), _format_tenths(next_y - y)
        if step_y == "0":
            written += f"h{step_x}"
        elif step_x == "0":
            written += f"v{step_y}"
        else:
            written += f"l{step_x}{'' if step_y.startswith('-') else ' '}{step_y}"
        x, y = next_x, next_y
    return written


def _keep_turns(points: Sequence[Point]) -> list[Point]:
    """Without the points in the middle of a level or upright line; a line that goes back over itself keeps its end."""
    kept: list[Point] = []
    for point in points:
        if kept and kept[-1] == point:
            continue
        if len(kept) > 1 and _is_between(kept[-2], kept[-1], point):
            kept.pop()
        kept.append(point)
    return kept


def _is_between(before: Point, middle: Point, after: Point) -> bool:
    """Whether `middle` is on the level or upright line from `before` to `after`."""
    return any(
        before[same] == middle[same] == after[same]
        and (before[along] < middle[along] < after[along] or before[along] > middle[along] > after[along])
        for same, along in ((0, 1), (1, 0))
    )


def _format_tenths(value: int) -> str:
    text = f"{value / 10:g}"
    return text.replace("0.", ".") if abs(value) < 10 else text


def _round(text: str, digits: int) -> str:
    return _DECIMALS.sub(lambda found: f"{float(found[0]):.{digits}f}".rstrip("0").rstrip("."), text)
