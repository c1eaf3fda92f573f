"""Writes a call into one HTML file, with all of its messages and its sound, for whoever has nothing but a browser.

The file uses the elements of the live pages. Its policy allows its own script and style alone, by their hashes
(https://www.w3.org/TR/CSP3/#hash-source), and nothing from anywhere: what a caller said cannot become a script, and
the file tells nobody that it was opened.
"""

import base64
import hashlib
import html
from pathlib import Path

from console.call_json import Json, JsonObject, dump_json, encode_messages, encode_view
from console.call_view import CallView
from console.masking import mask_numbers
from console.report.page_files import STATIC, PageFileError, join_modules, join_styles
from console.wav import encode_wav

_PAGE = """\
<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<script>{theme}</script>
</head>
<body>
<a class="skip-link" href="#main">Skip to content</a>
<header class="site-header">
<span class="site-name">Warmline</span><span class="soft small">{about}</span><theme-switch class="push"></theme-switch>
</header>
<main id="main" tabindex="-1">
<noscript><p class="problem">This report needs JavaScript. It loads nothing from anywhere.</p></noscript>
<call-page></call-page>
</main>
<script type="application/json" id="report">{report}</script>
<script>{script}</script>
</body>
</html>
"""


def write_report(view: CallView, path: Path, *, show_numbers: bool = False) -> None:
    """One self-contained file of the call as it is known now; numbers by their last digits unless asked for."""
    path.write_bytes(render_report(view, show_numbers=show_numbers).encode(errors="replace"))


def render_report(view: CallView, *, show_numbers: bool = False) -> str:
    """The same as text."""
    style, theme, script = join_styles("style.css"), (STATIC / "theme.js").read_text(), join_modules("report.js")
    for text in (style, theme, script):
        # Either would end the element, or begin a comment that hides its end.
        if "</script" in text.lower() or "</style" in text.lower() or "<!--" in text:
            raise PageFileError("The pages' own code holds a tag that ends it.")
    numbers = "" if show_numbers else "; numbers are shown by their last digits"
    return _PAGE.format(
        policy=_make_policy([theme, script], style),
        title=html.escape(mask_numbers(f"Call from {view.summary.caller}", show_numbers)),
        style=style,
        theme=theme,
        about=f"A report of one call{numbers}",
        report=_embed(_encode(view, show_numbers=show_numbers)),
        script=script,
    )


def _encode(view: CallView, *, show_numbers: bool) -> JsonObject:
    encoded = encode_view(view, show_numbers=show_numbers)
    recordings = encoded["recordings"]
    assert isinstance(recordings, list), "as many as the view has"
    sounds: list[Json] = []
    for shown, recording in zip(recordings, view.recordings, strict=True):
        assert isinstance(shown, dict), "a recording has fields"
        sounds.append({**shown, "url": _make_data_url(recording.audio)})
    messages: JsonObject = {
        str(entry.number): encode_messages(entry, show_numbers=show_numbers)["messages"]
        for entry in view.entries
        if entry.messages
    }
    return {"view": {**encoded, "recordings": sounds}, "messages": messages}


def _make_data_url(audio: bytes) -> str:
    return "data:audio/wav;base64," + base64.b64encode(encode_wav(audio)).decode()


def _embed(value: Json) -> str:
    """JSON inside an element: a `<` could begin the tag that ends it."""
    return dump_json(value).replace("<", "\\u003c")


def _make_policy(scripts: list[str], style: str) -> str:
    allowed = " ".join(_hash(text) for text in scripts)
    return (
        f"default-src 'none'; script-src {allowed}; style-src {_hash(style)}; media-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"
