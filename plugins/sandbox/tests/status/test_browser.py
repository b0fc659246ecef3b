"""The status page as a person sees it, in a real headless Chromium.

Blind spot: other browsers, and how it looks; a screen reader only as far as names and roles go.
"""

from __future__ import annotations

from contextlib import contextmanager

import pytest
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.support.wait import WebDriverWait

PERSONS = "/api/v2/persons"
EVIL = '<img src=x onerror="document.title=\'owned\'"><b>Bold</b> & "Søn"'
MAIL = {"emails": [{"value": "ann@example.com", "primary": True, "label": "work"}]}


class Page:
    """The status page in the browser; every look waits until it shows what is asked for."""

    def __init__(self, driver, url):
        self.driver, self.url = driver, url
        self.open()

    def open(self, query=""):
        self.driver.get(f"{self.url}/{query}")
        self.until(lambda: self.text("#connection") == "Live")

    def until(self, condition):
        return WebDriverWait(self.driver, 30, 0.1).until(lambda _: condition())

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def text(self, selector):
        return self.run("return document.querySelector(arguments[0])?.innerText ?? ''", selector)

    def texts(self, selector):
        script = "return [...document.querySelectorAll(arguments[0])].map((one) => one.innerText)"
        return self.run(script, selector)

    def find(self, selector):
        return self.driver.find_element(By.CSS_SELECTOR, selector)

    def problems(self):
        return [row for row in self.driver.get_log("browser") if row["level"] == "SEVERE"]

    def css(self, selector, name):
        script = "return getComputedStyle(document.querySelector(arguments[0]))[arguments[1]]"
        return self.run(script, selector, name)

    @contextmanager
    def emulated(self, scheme="light", width=None):
        feature = {"name": "prefers-color-scheme", "value": scheme}
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [feature]})
        if width:
            metrics = {"width": width, "height": 844, "deviceScaleFactor": 1, "mobile": True}
            self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", metrics)
        yield
        self.driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.fixture
def page(chromium, sandbox):
    page = Page(chromium, sandbox.url)
    yield page
    assert page.problems() == []
    chromium.get("about:blank")


def test_a_write_over_the_api_appears_by_itself_and_flashes(page, pipedrive):
    pipedrive.person(name="Nora Newcomer", **MAIL)
    page.until(lambda: "Nora Newcomer" in page.text("#pairs"))
    page.until(lambda: "/pipedrive/api/v2/persons" in page.text("#requests"))
    assert "POST" in page.text("#requests")
    assert "changed" in page.find("#pairs tbody th").get_attribute("class")


def test_a_changed_value_flashes_where_it_stands(page, pipedrive):
    person = pipedrive.person(name="Nora Newcomer", **MAIL)
    page.until(lambda: "Nora Newcomer" in page.text("#pairs"))
    pipedrive.patch(f"{PERSONS}/{person['id']}", {"name": "Nora Renamed"})
    page.until(lambda: page.texts("#pairs td.changed") == ["Nora Renamed"])


def test_a_name_made_of_html_is_shown_as_text(page, pipedrive):
    pipedrive.person(name=EVIL, **MAIL)
    pipedrive.get(f"{PERSONS}?<b>=\"'")
    page.until(lambda: EVIL in page.texts("#pairs td"))
    assert page.run("return document.querySelectorAll('#pairs img, #pairs b, td b').length") == 0
    assert page.driver.title.startswith("Sandbox")


def test_the_seeded_script_in_a_name_stays_text(page):
    page.find("#q").send_keys("alert(1)")
    page.until(lambda: "<script>alert(1)</script>" in page.text("#pairs"))
    assert page.run("return document.querySelectorAll('#pairs script').length") == 0


def test_values_that_differ_stand_apart_and_are_named_to_a_screen_reader(page, pipedrive, upsert):
    pipedrive.person(name="Ann Lee", **MAIL)
    upsert("users", {"first_name": "Ann", "last_name": "Other"}, email="ann@example.com")
    page.find("#q").send_keys("ann@example.com")
    page.until(lambda: len(page.texts("#pairs tbody")) == 1)
    page.until(lambda: "Ann Other" in page.text("#pairs"))
    assert page.css("td.differs", "backgroundColor") != page.css("td.both", "backgroundColor")
    differing = page.run(
        "return [...document.querySelectorAll('#pairs td.differs')].map((one) => one.textContent)"
    )
    assert {"Ann Lee, differs", "Ann Other, differs"} <= set(differing)
    assert "ann@example.com" in page.texts("#pairs td[rowspan='2']")


def test_search_and_filter_show_what_they_say_and_stay_in_the_address(page, pipedrive):
    pipedrive.person(name="Nora Newcomer", emails=[])
    page.find("#q").send_keys("nora newc")
    page.until(lambda: len(page.texts("#pairs tbody")) == 1)
    assert "1 row" in page.text("#found")
    page.find("#only").send_keys("Only in journy")
    page.until(lambda: page.text("#found") == "Nothing matches.")
    page.open("?kind=companies&only=both")
    assert page.find("#only").get_attribute("value") == "both"
    assert "Account ID" in page.text("#pairs thead")


def test_pages_lead_on_and_back(page):
    first = page.texts("#pairs tbody")
    assert len(first) == 25
    page.find("#older").click()
    page.until(lambda: page.text("#page") == "Page 2")
    assert not set(first) & set(page.texts("#pairs tbody"))
    page.find("#newer").click()
    page.until(lambda: page.text("#page") == "Page 1")
    assert page.texts("#pairs tbody") == first


def test_requests_are_filtered(page, pipedrive):
    pipedrive.get(PERSONS)
    pipedrive.post(PERSONS, {})
    page.until(lambda: len(page.texts("#requests tr")) == 2)
    page.find("#sift select[name=only]").send_keys("Errors")
    page.until(lambda: len(page.texts("#requests tr")) == 1)
    assert "400" in page.text("#requests")


def test_head_shows_budget_faults_switches_and_a_stopped_clock(page, sandbox, pipedrive):
    sandbox.reset(plan="lite")
    sandbox.fault("/journy/*", times=None, action={"status": 502})
    sandbox.switches.set("pipedrive.patch_lists", "merge")
    sandbox.clock.freeze(True)
    pipedrive.get(PERSONS)
    page.until(lambda: "10 of 30,000" in page.text("#budget"))
    assert "1 of 20" in page.text("#burst")
    assert "502" in page.text("#faults")
    assert "pipedrive.patch_lists merge" in page.text("#switches")
    assert "stopped" in page.text("#clock")


def test_nothing_moves_while_it_is_paused(page, pipedrive):
    page.find("#pause").click()
    page.until(lambda: page.text("#connection") == "Paused")
    pipedrive.person(name="Nora Newcomer", **MAIL)
    assert "Nora Newcomer" not in page.text("#pairs")
    page.find("#pause").click()
    page.until(lambda: "Nora Newcomer" in page.text("#pairs"))


def test_light_and_dark_follow_the_system(page):
    with page.emulated("light"):
        light = page.css("body", "backgroundColor")
    with page.emulated("dark"):
        dark = page.css("body", "backgroundColor")
        assert page.css("body", "color") != dark
    assert (light, dark) == ("rgb(245, 246, 248)", "rgb(17, 21, 27)")


TEXT_AND_GROUND = (
    ("body", "body"),
    (".note", "body"),
    (".fact h2", ".facts"),
    (".service.pipedrive", ".facts"),
    (".service.journy", ".facts"),
    ("td.differs", "td.differs"),
    ("td.differs.empty", "td.differs"),
    (".choice input:checked + span", ".choice input:checked + span"),
    (".swatch.changed", ".swatch.changed"),
)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_has_contrast_enough_to_be_read(page, scheme):
    def luminance(color):
        parts = [int(part) / 255 for part in color.strip("rgb()").split(",")]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return sum(p * share for p, share in zip(linear, (0.2126, 0.7152, 0.0722), strict=True))

    page.find("#only").send_keys("In both, different")
    page.until(lambda: page.texts("td.differs.empty"))
    with page.emulated(scheme):
        for text, ground in TEXT_AND_GROUND:
            pair = (
                luminance(page.css(text, "color")),
                luminance(page.css(ground, "backgroundColor")),
            )
            contrast = (max(pair) + 0.05) / (min(pair) + 0.05)
            assert contrast >= 4.5, (text, ground, contrast)


def test_a_phone_shows_everything_without_sideways_scrolling(page):
    with page.emulated(width=390):
        assert page.run("return document.documentElement.scrollWidth") <= 390
        cell = "return document.querySelector(arguments[0]).getBoundingClientRect().{}"
        page.find("#only").send_keys("In both, different")
        page.until(lambda: page.texts("td.differs"))
        left = page.run(cell.format("x"), "td.differs.at-pipedrive")
        right = page.run(cell.format("x"), "td.differs.at-journy")
        assert left < right < 390


def test_everything_can_be_reached_and_named_without_a_mouse(page):
    unnamed = page.run(
        "return [...document.querySelectorAll('button, input, select')].filter((one) =>"
        " !one.innerText?.trim() && !one.closest('label')?.innerText.trim()).length"
    )
    assert unnamed == 0
    assert page.run("return document.querySelectorAll('main, header, nav').length") == 3
    page.find("body").send_keys("/")
    assert page.driver.switch_to.active_element.get_attribute("id") == "q"
    page.driver.switch_to.active_element.send_keys(Keys.TAB)
    assert page.driver.switch_to.active_element.get_attribute("id") == "only"


def test_a_sandbox_that_went_back_to_its_seed_shows_it_again(page, sandbox, pipedrive):
    pipedrive.person(name="Nora Newcomer", **MAIL)
    page.until(lambda: "Nora Newcomer" in page.text("#pairs"))
    sandbox.reset()
    page.until(lambda: "Nora Newcomer" not in page.text("#pairs"))
