"""Labels with codes for boxes and bones, as a PDF sheet."""

from __future__ import annotations

import io
import json
from collections.abc import Sequence

Label = tuple[str, str, str]
"""Code, what it stands on, and where that came from."""

_SHEET = """
#set page(paper: "a4", margin: (x: 8mm, y: 10mm))
#set text(size: 8pt, font: ("Noto Sans", "Liberation Sans", "DejaVu Sans", "Libertinus Serif"))
#let label(picture, code, what, where) = block(
  width: 100%, height: 25mm, inset: 2mm, stroke: 0.3pt + luma(70%), breakable: false,
  grid(columns: (20mm, 1fr), gutter: 2mm, align: horizon,
    image(bytes(picture), format: "svg", width: 20mm),
    [#text(size: 11pt, weight: "bold", code) \\ #what #if where != "" [\\ #where]]))
#grid(columns: (1fr, 1fr, 1fr), gutter: 2mm,
  ..json(bytes(sys.inputs.labels)).map(l => label(..l)))
"""


def label_sheet(labels: Sequence[Label]) -> bytes:
    """A PDF of labels, three in a row: QR code of the number, the number, what it is and the box it came in."""
    import segno
    import typst

    drawn = []
    for code, what, where in labels:
        picture = io.BytesIO()
        segno.make(code, error="m", micro=False).save(picture, kind="svg", border=1)
        drawn.append([picture.getvalue().decode(), code, what, where])
    return bytes(typst.compile(_SHEET.encode(), format="pdf", sys_inputs={"labels": json.dumps(drawn)}))
