"""A figure of matplotlib, written as a small SVG: the same bytes for the same figure."""

from io import StringIO
from pathlib import Path

import matplotlib as mpl
import matplotlib.pyplot as plt

from bench.svg import shorten

# Text stays text, in a font that most machines have; ids within the file do not change from run to run.
_STYLE = {"svg.fonttype": "none", "svg.hashsalt": "warmline", "font.sans-serif": ["DejaVu Sans"]}
_NO_METADATA = dict.fromkeys(("Creator", "Date", "Format", "Type"))


def save_figure(figure: "mpl.figure.Figure", file: Path) -> None:
    """Write the figure, and close it."""
    written = StringIO()
    with mpl.rc_context(_STYLE):
        figure.tight_layout()
        figure.savefig(written, format="svg", metadata=_NO_METADATA)
    plt.close(figure)
    file.write_text(shorten(written.getvalue()))
