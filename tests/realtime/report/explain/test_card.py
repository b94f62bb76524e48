"""Cards in Markdown become HTML that says the same and can do nothing else."""

from __future__ import annotations

import re
from pathlib import Path

from emoscope.report.explain.card import card_html, markdown_html
from tests.realtime.tiny import CONTRACT

TEXT = """# A card: `net`

Two lines
of **one** paragraph with *care*.

| a | b |
|---|---|
| 1 | <2> |

- first
  goes on
- second

```
run --this <x>
```
"""


def test_every_form_is_understood() -> None:
    html = re.sub(r">\s+<", "><", markdown_html(TEXT)).replace("\n", " ")
    assert "<h1>A card: <code>net</code></h1>" in html
    assert "<p>Two lines of <strong>one</strong> paragraph with <em>care</em>.</p>" in html
    assert "<tr><th>a</th><th>b</th></tr></thead><tbody><tr><td>1</td><td>&lt;2&gt;</td></tr></tbody></table>" in html
    assert "<ul><li>first goes on</li><li>second</li></ul>" in html
    assert "<pre><code>run --this &lt;x&gt; </code></pre>" in html


def test_text_never_becomes_markup() -> None:
    html = markdown_html("<script>alert(1)</script> [x](javascript:alert) [y](file:///etc) ![z](http://a/b.png)")
    assert "<script" not in html and "javascript:alert)" in html and "<img" not in html
    assert re.findall(r'href="([^"]*)"', html) == ["http://a/b.png"]


def test_the_card_beside_a_model_is_shown_with_what_the_file_says(tmp_path: Path) -> None:
    (tmp_path / "CARD.md").write_text("# About it")
    html = card_html(str(tmp_path / "tiny.onnx"), CONTRACT)
    assert "<h1>About it</h1>" in html
    assert "<td>happy, sad, neutral</td>" in html
    assert "conv1 4×4×2" in html


def test_a_model_without_a_card_says_what_its_file_says(tmp_path: Path) -> None:
    assert card_html(str(tmp_path / "tiny.onnx"), CONTRACT).startswith("<h2>What the file says")
