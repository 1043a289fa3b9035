# SPDX-License-Identifier: Apache-2.0
"""Reports in a real browser: what a reader sees, clicks, types and prints."""
import base64
import json
import re

import pytest
from selenium.webdriver.common.keys import Keys

from conftest import KINDS

# A canvas with one colour only is blank.
BLANK_CHARTS = """
    return [...document.querySelectorAll("figure")].filter((figure) => {
        const canvas = figure.querySelector("canvas");
        if (figure.querySelector(".canvas-box").hidden) { return false; }
        const pixels = new Uint32Array(canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.buffer);
        return new Set(pixels).size < 4;
    }).map((figure) => figure.querySelector("h4").textContent);"""
SHOWN_CHARTS = """return [...document.querySelectorAll(".canvas-box")].filter((box) => !box.hidden).length"""


def requests(browser):
    """Addresses of everything that the page asked for."""
    found = []
    for entry in browser.driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            found.append(message["params"]["request"]["url"])
    return [url for url in found if not url.startswith(("data:", "about:"))]


def table_named(browser, name):
    """The box of the table with this label, opened if it is folded."""
    return browser.run("""
        for (const fold of document.querySelectorAll("details")) {
            if (fold.querySelector("summary").textContent === "Table: " + arguments[0] && !fold.open) {
                fold.querySelector("summary").click();
            }
        }
        return null;""", name) or browser.run_later("""
        const [name, done] = arguments;
        setTimeout(() => done([...document.querySelectorAll(".scroll")].find(
            (box) => box.getAttribute("aria-label") === name)), 50);""", name)


def column(browser, box, title):
    """The numbers of a column on the page in sight."""
    return browser.run("""
        const [box, title] = arguments;
        const at = [...box.querySelectorAll("thead th")].findIndex((head) => head.textContent.trim().startsWith(title));
        return [...box.querySelectorAll("tbody tr")].map((row) => Number(row.children[at].dataset.value));""", box, title)


def header(browser, box, title):
    return browser.run("""return [...arguments[0].querySelectorAll("thead th")].find(
        (head) => head.textContent.trim().startsWith(arguments[1]))""", box, title)


@pytest.mark.parametrize("kind", KINDS)
def test_every_chart_is_drawn_without_an_error_or_a_request(browser, kind):
    browser.open_kind(kind)
    browser.scroll_through()
    assert browser.run(SHOWN_CHARTS) >= 2
    assert browser.run(BLANK_CHARTS) == []
    assert browser.errors() == []
    assert requests(browser) == [(browser.folder / (kind + ".html")).as_uri()]


def test_what_is_missing_is_said(browser):
    browser.open_kind("bare")
    browser.scroll_through()
    assert browser.errors() == []
    text = browser.run("return document.body.innerText")
    for part in ["a notice", "3 points: 0 done, 1 failed, 2 waiting",
                 "No point has finished, so there is nothing to draw.", "Failed points", "core.rows: out of memory",
                 "No layer multiplies here.", "dense cycles were not computed", "all operators"]:
        assert part in text, part
    assert sum(column(browser, table_named(browser, "Cycles per layer and stage"), "all")) > 0
    left = browser.run("""const part = document.getElementById("sweep-0");
        return [part.querySelectorAll("select, figure").length, part.querySelectorAll(".scroll").length]""")
    assert left == [0, 1]  # no menu without a choice, and the failed points are the only table


def test_only_charts_near_the_window_are_drawn_at_first(browser):
    browser.open_kind("large")
    browser.run_later("setTimeout(arguments[0], 300)")
    drawn = browser.run("return [...document.querySelectorAll('canvas')].filter((c) => Chart.getChart(c)).length")
    assert 0 < drawn < browser.run(SHOWN_CHARTS)


def test_tables_behind_charts_sum_to_the_totals(browser):
    browser.open_kind("small")
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    result = data["results"][0]
    cycles = column(browser, table_named(browser, "Cycles per layer and stage"), "all")
    assert len(cycles) == 4 and sum(cycles) == result["totals"]["cycles"]
    multiplies = column(browser, table_named(browser, "What became of the multiplies, per layer"), "all")
    assert sum(multiplies) == result["totals"]["macs"]["dense_all_samples"]
    energy = column(browser, table_named(browser, "Energy by component and stage"), "all")
    assert energy[0] == pytest.approx(result["totals"]["energy_pj"], rel=1e-12)
    traffic = column(browser, table_named(browser, "DRAM traffic per layer and stage"), "all")
    assert sum(traffic) == result["totals"]["dram_bytes"]


def test_one_iteration_has_its_own_numbers(browser):
    browser.open_kind("small")
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    result = data["results"][0]
    at = {name: index for index, name in enumerate(result["columns"])}
    expected = sum(row[at["cycles"]] for row in result["rows"] if row[at["iteration"]] == 1)
    box = table_named(browser, "Cycles per layer and stage")
    browser.run("""
        const select = [...document.querySelectorAll(".choice")].find(
            (choice) => choice.textContent.startsWith("Iterations")).querySelector("select");
        select.selectedIndex = 2;
        select.dispatchEvent(new Event("change"));""")
    assert sum(column(browser, box, "all")) == expected


def test_the_table_of_all_rows_turns_its_pages(browser):
    browser.open_kind("large")  # 100 layers, 3 stages, 2 iterations
    browser.run("""[...document.querySelectorAll("summary")].find(
        (summary) => summary.textContent === "Table: all 600 rows").click()""")
    box = table_named(browser, "All rows")
    seen = []
    for page in range(12):
        assert len(seen) == 50 * page
        seen += column(browser, box, "cycles")
        browser.run("""arguments[0].parentElement.querySelectorAll(".tools button")[1].click()""", box)
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    assert sum(seen) == data["results"][0]["totals"]["cycles"]


def test_a_header_sorts_by_mouse_and_by_keyboard(browser):
    browser.open_kind("large")
    browser.run("""[...document.querySelectorAll("summary")].find(
        (summary) => summary.textContent === "Table: all 600 rows").click()""")
    box = table_named(browser, "All rows")
    head = header(browser, box, "cycles")
    assert head.get_attribute("aria-sort") == "none"
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    at = data["results"][0]["columns"].index("cycles")
    cycles = sorted(row[at] for row in data["results"][0]["rows"])
    button = head.find_element("tag name", "button")
    browser.run("arguments[0].scrollIntoView({block: 'center', inline: 'center', behavior: 'instant'})", button)
    button.click()
    assert head.get_attribute("aria-sort") == "descending"
    assert column(browser, box, "cycles") == cycles[::-1][:50]
    button.send_keys(Keys.ENTER)
    assert head.get_attribute("aria-sort") == "ascending"
    assert column(browser, box, "cycles") == cycles[:50]
    button.send_keys(Keys.SPACE)
    assert head.get_attribute("aria-sort") == "descending"


def test_hostile_names_are_text(browser):
    browser.open_kind("hostile")
    browser.scroll_through()
    browser.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    browser.run_later("setTimeout(arguments[0], 300)")
    assert browser.driver.title != "harmed"
    assert browser.run("return document.images.length") == 0
    assert browser.run("return document.querySelectorAll('script').length") == 3
    # as a heading, a warning and a layer
    assert browser.run("return document.body.innerText.split('<img src=x onerror=').length") > 6
    assert browser.run("return ({}).polluted === undefined && Object.getPrototypeOf({}) === Object.prototype")
    assert browser.errors() == []


@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_needs_no_horizontal_scrolling(browser, kind):
    browser.open_kind(kind, width=360)
    browser.scroll_through()
    browser.run("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    browser.run_later("setTimeout(arguments[0], 300)")
    assert browser.run("return document.documentElement.scrollWidth") <= 360
    too_wide = browser.run("""return [...document.querySelectorAll("main *")].filter((element) =>
        !element.closest(".scroll") && element.getBoundingClientRect().right > 361).map((element) => element.outerHTML)""")
    assert too_wide == []


def background(browser):
    return browser.run("return getComputedStyle(document.body).backgroundColor")


def test_dark_follows_the_system_and_the_switch(browser):
    browser.open_kind("small", dark=True)
    assert background(browser) == "rgb(21, 24, 27)"
    switch = browser.driver.find_element("id", "theme")
    switch.click()
    assert switch.text == "Theme: light" and background(browser) == "rgb(255, 255, 255)"
    switch.send_keys(Keys.ENTER)
    assert switch.text == "Theme: dark" and background(browser) == "rgb(21, 24, 27)"
    browser.open_kind("small")
    assert background(browser) == "rgb(255, 255, 255)"
    assert browser.errors() == []


def test_print_draws_every_chart_in_light_and_goes_back(browser):
    browser.open_kind("comparison", dark=True)
    browser.run("""window.seen = [];
        window.addEventListener("beforeprint", () => {
            window.seen = [document.documentElement.dataset.theme,
                [...document.querySelectorAll(".canvas-box")].filter((box) => !box.hidden).map((box) =>
                    Boolean(Chart.getChart(box.firstChild)))];
        });""")
    pdf = base64.b64decode(browser.driver.execute_cdp_cmd("Page.printToPDF", {"preferCSSPageSize": True})["data"])
    pages = len(re.findall(rb"/Type\s*/Page\b", pdf))
    theme, drawn = browser.run("return window.seen")
    assert theme == "light" and len(drawn) == browser.run(SHOWN_CHARTS) and all(drawn)
    assert 6 <= pages <= 40, pages
    assert browser.run("return document.documentElement.dataset.theme") == "dark"
    browser.run_later("setTimeout(arguments[0], 300)")
    wrong = browser.run("""return [...document.querySelectorAll(".canvas-box")].filter((box) => !box.hidden &&
        Math.abs(box.clientWidth - box.firstChild.clientWidth) > 1).length""")
    assert wrong == 0  # as wide as before
    assert browser.errors() == []


def test_the_first_tab_skips_to_the_content(browser):
    browser.open_kind("small")
    browser.driver.switch_to.active_element.send_keys(Keys.TAB)
    link = browser.driver.switch_to.active_element
    assert link.text == "Skip to the content"
    link.send_keys(Keys.ENTER)
    assert browser.run("return document.activeElement.id") == "content"


def test_everything_that_can_be_used_can_be_reached_by_keyboard(browser):
    browser.open_kind("comparison")
    unreachable = browser.run("""return [...document.querySelectorAll("button, select, input, summary, .scroll")].filter(
        (element) => element.tabIndex < 0).map((element) => element.outerHTML)""")
    assert unreachable == []
    summary = browser.driver.find_element("css selector", "figure summary")
    summary.send_keys(Keys.ENTER)
    assert browser.run("return arguments[0].parentElement.open", summary)


def test_charts_have_names_and_tables_as_text(browser):
    browser.open_kind("small")
    browser.scroll_through()
    missing = browser.run("""return [...document.querySelectorAll("figure")].filter((figure) =>
        !figure.querySelector(".canvas-box").hidden &&
        (!figure.querySelector("canvas[role=img]").getAttribute("aria-label") || !figure.querySelector("details")))
        .map((figure) => figure.textContent)""")
    assert missing == []


def test_the_legend_hides_and_shows_a_series_by_keyboard(browser):
    browser.open_kind("small")
    browser.scroll_through()
    item = browser.driver.find_element("css selector", ".legend button")
    shown = """return Chart.getChart(arguments[0].closest("figure").querySelector("canvas")).isDatasetVisible(0)"""
    assert item.get_attribute("aria-pressed") == "true" and browser.run(shown, item)
    item.send_keys(Keys.ENTER)
    assert item.get_attribute("aria-pressed") == "false" and not browser.run(shown, item)
    item.send_keys(Keys.SPACE)
    assert item.get_attribute("aria-pressed") == "true" and browser.run(shown, item)


def test_a_bar_tells_its_number(browser):
    browser.open_kind("small")
    browser.scroll_through()
    canvas = browser.driver.find_element("css selector", "figure canvas")
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", canvas)
    lines = browser.run("""
        const chart = Chart.getChart(arguments[0]);
        const bar = chart.getDatasetMeta(0).data[0];
        chart.tooltip.setActiveElements([{datasetIndex: 0, index: 0}], {x: bar.x, y: bar.y});
        return chart.tooltip.title.concat(...chart.tooltip.body.map((part) => part.lines));""", canvas)
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    cycles = data["results"][0]["stages"]["FF"]["cycles"]
    assert lines == ["FF", f"this run: {cycles / 1000:#.4g} k cycles"]


def test_a_comparison_shows_changes_to_the_baseline(browser):
    browser.open_kind("comparison")
    data = json.loads(browser.run("return document.getElementById('data').textContent"))
    box = table_named(browser, "Comparison")
    assert column(browser, box, "second") == [line[3][1][0] for line in data["comparison"]["lines"]]
    assert column(browser, box, "change") == [line[3][1][2] for line in data["comparison"]["lines"]]
    text = browser.run("return document.getElementById('comparison').textContent")
    assert "the two have different energy tables" in text and "core.rows" in text


def test_small_changes_are_told_and_none_is_a_negative_zero(browser):
    browser.open_kind("changes")
    shown = browser.run("""const box = [...document.querySelectorAll(".scroll")].find(
            (one) => one.getAttribute("aria-label") === "Comparison");
        const at = [...box.querySelectorAll("thead th")].findIndex((head) => head.textContent.trim().startsWith("change"));
        return [...box.querySelectorAll("tbody tr")].slice(0, 5).map((row) => row.children[at].textContent)""")
    assert shown == ["+12.3 %", "+0.0047 %", "−0.0047 %", "0 %", "−1.0e−9 %"]


def test_what_a_result_rests_on_is_told(browser):
    browser.open_kind("small")
    text = browser.run("return document.getElementById('result-0').textContent")
    for part in ["dropout", "a" * 64, "0123456789abcdef", "traces/sample.h5", "2, 1 of them assumptions"]:
        assert part in text


def test_a_large_result_is_fluent(browser):
    seconds = {"load": browser.open_kind("large")}
    seconds["scroll"] = browser.run("""const start = performance.now();
        document.querySelectorAll("figure").forEach((element) => element.figure.show());
        return (performance.now() - start) / 1000""")
    seconds["choose an iteration"] = browser.run("""const start = performance.now();
        const select = document.querySelector(".controls.wide select");
        select.selectedIndex = 1;
        select.dispatchEvent(new Event("change"));
        return (performance.now() - start) / 1000""")
    print({name: round(value, 3) for name, value in seconds.items()})
    assert max(seconds.values()) < 20
