"""Render sections as one self-contained HTML file: interactive charts, or SVG without scripts."""

import base64
import hashlib
import json
from collections.abc import Sequence
from functools import cache
from importlib.resources import files
from typing import Any

import vl_convert
from jinja2 import Environment, PackageLoader, select_autoescape
from markupsafe import Markup

from stackcast.report.page.section import Chart, Link, Picture, Section

HOLD = files("stackcast.report.page") / "static"


def render(sections: Sequence[Section], title: str, subtitle: str, credit: Link | None) -> str:
    """Return the page; ``credit`` names and links whose question it asks, if somebody's.

    Its Content-Security-Policy allows the one script and the one style that it carries, by their hashes, and pictures
    in the file; no request, no ``eval``: Vega runs by its expression interpreter.
    """
    charts = [b for section in sections for b in section.blocks if isinstance(b, Chart)]
    script, style = _script(), (HOLD / "page.css").read_text(encoding="utf-8")
    environment = Environment(
        loader=PackageLoader("stackcast.report.page", "static"), autoescape=select_autoescape(["html", "j2"]),
        trim_blocks=True, lstrip_blocks=True,
    )  # fmt: skip
    environment.filters["svg"] = _inline_svg
    environment.filters["picture"] = _data_url
    return environment.get_template("page.html.j2").render(
        title=title, subtitle=subtitle, credit=credit, sections=sections,
        script=Markup(script), style=Markup(style), policy=policy(script, style),
        specs=Markup(_json({chart.name: vl_convert.vegalite_to_vega(dict(chart.spec)) for chart in charts})),
    )  # fmt: skip


def policy(script: str, style: str) -> str:
    """Return the Content-Security-Policy of a page with one script and one style."""
    return (
        f"default-src 'none'; script-src '{_hash(script)}'; style-src '{_hash(style)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def svg_of(chart: Chart) -> str:
    """Return a chart as SVG, as it stands at the start."""
    return str(vl_convert.vegalite_to_svg(dict(chart.spec)))


def png_of(chart: Chart) -> bytes:
    """Return a chart as PNG on white."""
    return bytes(vl_convert.vegalite_to_png(dict(chart.spec) | {"background": "white"}, scale=2))


@cache
def _script() -> str:
    """Return Vega, its interpreter and the page's own script, as one classic script."""
    vega = (HOLD / "vega.min.js").read_text(encoding="utf-8")
    interpreter = (HOLD / "vega-interpreter.js").read_text(encoding="utf-8")
    imports, exports = interpreter.partition("\n")[0], "export { expression as expressionInterpreter };"
    if not imports.startswith("import {") or exports not in interpreter:
        raise RuntimeError("static/vega-interpreter.js is not the module that this page knows how to embed")
    names = imports[imports.index("{") : imports.index("}") + 1]
    inner = interpreter.replace(imports, f"const {names} = window.vega;").replace(exports, "return expression;")
    own = (HOLD / "page.js").read_text(encoding="utf-8")
    whole = f"{vega}\nconst interpreter = (() => {{\n{inner}\n}})();\n{own}"
    return whole.replace("</script", "<\\/script").replace("<!--", "<\\!--")


def _hash(text: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


def _json(content: Any) -> str:
    """Return JSON escaped for a script element: without tags or comments."""
    plain = json.dumps(content, allow_nan=False, separators=(",", ":"))
    return plain.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def _inline_svg(chart: Chart) -> Markup:
    """Return a chart's SVG for the page; Vega escapes the text in it."""
    return Markup(svg_of(chart))


def _data_url(picture: Picture) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(picture.path.read_bytes()).decode()
