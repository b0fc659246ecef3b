"""The report in a real headless Chromium: wide and narrow, light and dark, and printed.

Blind spot: other browsers; whether it is pleasant to look at.
"""

from __future__ import annotations

import pytest


@pytest.fixture
def look(chromium, history):
    """The page as a medium, a colour scheme and a width show it."""
    out = history.folder / "report.html"
    history.run("report", "--out", str(out))

    def at(width=1280, scheme="light", media=""):
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        emulated = {"media": media, "features": features}
        chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", emulated)
        metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": width < 500}
        chromium.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        chromium.get(out.as_uri())
        return chromium.execute_script

    yield at
    chromium.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
    chromium.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": []})
    assert [row for row in chromium.get_log("browser") if row["level"] == "SEVERE"] == []


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_it_fits_every_screen_without_sideways_scrolling(look, width):
    run = look(width)
    assert run("return document.documentElement.scrollWidth") <= width
    assert run("return document.querySelectorAll('svg rect').length") > 0
    small = "Math.min(...[...document.querySelectorAll('svg text')].map((one) => "
    assert run(f"return {small} one.getBoundingClientRect().height))") >= 9


#: What is read, and the ground that it stands on.
TEXTS = (
    ("body", "body"),
    (".soft", "body"),
    (".card", ".card"),
    (".figures dt", ".card"),
    (".figures dd.bad", ".card"),
    (".key", ".card"),
    ("thead th", ".card"),
    ("summary", ".card"),
    ("footer", "body"),
    ("nav a", "body"),
)
#: What is seen, by its fill.
MARKS = ("rect.created", "rect.updated", "rect.rejected")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_and_bars_have_contrast_enough(look, scheme):
    run = look(scheme=scheme)

    def colour(selector, name):
        script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        return _luminance(run(script, selector, name))

    for text, ground in TEXTS:
        found = _contrast(colour(text, "color"), colour(ground, "backgroundColor"))
        assert found >= 4.5, (text, found)
    for mark in MARKS:
        assert _contrast(colour(mark, "fill"), colour(".card", "backgroundColor")) >= 3, mark


def _luminance(colour):
    parts = [int(part) / 255 for part in colour.strip("rgb()").split(",")]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(p * share for p, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))


def _contrast(one, other):
    return (max(one, other) + 0.05) / (min(one, other) + 0.05)


def test_light_and_dark_follow_the_system(look):
    ground = "return getComputedStyle(document.body).backgroundColor"
    assert look(scheme="light")(ground) != look(scheme="dark")(ground)


def test_paper_is_white_and_shows_the_figures_behind_each_chart(look):
    run = look(width=780, scheme="dark", media="print")
    assert run("return getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    height = "return document.querySelector('figure details table').getBoundingClientRect().height"
    assert run(height) > 20
    assert run("return getComputedStyle(document.querySelector('nav')).display") == "none"


def test_each_chart_has_a_name_and_a_table_that_opens(look):
    run = look()
    charts = run(
        "return [...document.querySelectorAll('svg[role=img]')].map((one) => ["
        "document.getElementById(one.getAttribute('aria-labelledby'))?.innerText,"
        "document.getElementById(one.getAttribute('aria-describedby'))?.tagName])"
    )
    assert charts
    assert all(name and tag == "DETAILS" for name, tag in charts)
    headings = run("return [...document.querySelectorAll('h1,h2,h3')].map((h) => h.tagName)")
    assert headings.count("H1") == 1
