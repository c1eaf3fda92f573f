"""A picture of matplotlib's keeps its points, in fewer bytes."""

import pytest

from bench.svg import shorten


@pytest.mark.parametrize(
    ("written", "short"),
    [
        pytest.param("M 1.04 2.06 \nL 3.14 4.15 \n", "M1 2.1l2.1 2.1", id="tenths"),
        pytest.param("M 10 20 \nL 10.5 19.5 \nL 10.1 30 \n", "M10 20l.5-.5l-.4 10.5", id="steps"),
        pytest.param("M 0 5 \nL 1 5 \nL 1 5 \nL 3 5 \nL 3 9 \n", "M0 5h3v4", id="level and upright"),
        pytest.param("M 0 5 \nL 0 9 \nL 0 2 \n", "M0 5v4v-7", id="back over itself"),
        pytest.param("M 0 0 \nL 2 3 \nL 4 6 \n", "M0 0l2 3l2 3", id="aslant"),
        pytest.param(
            "M 0 0 \nL 9 0 \nL 0 9 \nz\nM 20 0 \nL 29 0 \nL 20 9 \nz\n", "M0 0h9l-9 9zM20 0h9l-9 9z", id="two"
        ),
        pytest.param("M 0 1.5 \nC 0.397805 1.5 1.5 -0.4 1.5 0 \nz\n", "M 0 1.5 C 0.4 1.5 1.5 -0.4 1.5 0 z", id="curve"),
    ],
)
def test_a_path_keeps_where_it_turns(written: str, short: str) -> None:
    assert shorten(f'<svg>\n <path d="{written}"/>\n</svg>') == f'<svg>\n<path d="{short}"/>\n</svg>'


def test_rounding_does_not_add_up_along_a_path() -> None:
    points = [(step * 1.06, step * 0.53) for step in range(200)]
    short = shorten('<path d="M ' + " \nL ".join(f"{x:.6f} {y:.6f}" for x, y in points) + ' \n"/>')
    steps = [each.replace("-", " -").split() for each in short.split('"')[1].removeprefix("M").split("l")]
    assert sum(float(x) for x, _ in steps) == pytest.approx(210.9)
    assert sum(float(y) for _, y in steps) == pytest.approx(105.5)


def test_groups_that_do_nothing_go_and_those_that_hide_stay() -> None:
    assert shorten('<svg>\n <g id="a">\n  <g>\n   <use x="1"/>\n  </g>\n </g>\n</svg>') == '<svg>\n<use x="1"/>\n</svg>'
    hiding = '<g clip-path="url(#c)">\n<use x="1"/>\n</g>'
    assert shorten(hiding) == hiding


def test_a_style_used_twice_stands_once() -> None:
    text = '<style>*{}</style>\n<use style="fill: red"/>\n<use style="fill: red"/>\n<use style="fill: blue"/>'
    assert shorten(text) == (
        '<style>*{}\n.s0{fill: red}</style>\n<use class="s0"/>\n<use class="s0"/>\n<use style="fill: blue"/>'
    )


def test_places_of_texts_are_in_tenths_and_a_rotation_by_nothing_goes() -> None:
    level = '<text x="58.56625" y="214.036191" transform="rotate(-0 58.56625 214.036191)">0.123456</text>'
    upright = '<text x="26.64" y="117.5" transform="rotate(-90 26.64 117.5)">calls</text>'
    assert shorten(level) == '<text x="58.6" y="214">0.123456</text>'
    assert shorten(upright) == '<text x="26.6" y="117.5" transform="rotate(-90 26.6 117.5)">calls</text>'
