# SPDX-License-Identifier: Apache-2.0
"""A sweep of 2,000 points in a real browser."""
import json

import pytest
from selenium.webdriver.common.action_chains import ActionChains


class Points:
    """The sweep as the page's data has it, to compute from."""

    def __init__(self, browser):
        data = json.loads(browser.run("return document.getElementById('data').textContent"))
        self.sweep = data["sweeps"][0]
        self.done = [point[0] for point in self.sweep["points"] if point[1] == "done"]

    def value(self, number, metric, stage="total"):
        column = self.sweep["metrics"][stage][metric]
        return column[number] if isinstance(column, list) else column

    def front(self, x, y, signs=(1, 1), stage="total"):
        """By the definition: every point against every other."""
        cost = {number: (signs[0] * self.value(number, x, stage), signs[1] * self.value(number, y, stage))
                for number in self.done}
        values = set(cost.values())
        return {number for number, (a, b) in cost.items()
                if not any(c <= a and d <= b and (c, d) != (a, b) for c, d in values)}


def choose(browser, label, value):
    browser.run("""
        const choice = [...document.querySelectorAll(".choice")].find(
            (element) => element.querySelector("span").textContent === arguments[0]);
        const select = choice.querySelector("select");
        select.value = arguments[1];
        if (select.value !== arguments[1]) { throw new Error("no option " + arguments[1]); }
        select.dispatchEvent(new Event("change"));""", label, value)


POINTS = """[...document.querySelectorAll(".scroll")].find((box) => box.getAttribute("aria-label") === "Finished points")"""


def filter_points(browser, words):
    browser.run(f"""
        const input = {POINTS}.parentElement.querySelector("input");
        input.value = arguments[0];
        input.dispatchEvent(new Event("input"));""", words)


def numbers_in_table(browser):
    """The points of all pages of the table."""
    return browser.run(f"""
        const table = {POINTS};
        const [back, forth] = table.parentElement.querySelectorAll(".tools button");
        while (!back.disabled) {{ back.click(); }}
        const found = [];
        for (;;) {{
            found.push(...[...table.querySelectorAll("tbody tr")].map((row) => Number(row.children[0].dataset.value)));
            if (forth.disabled) {{ return found; }}
            forth.click();
        }}""")


@pytest.fixture(name="points", scope="module")
def open_sweep(browser):
    browser.open_kind("sweep")
    return Points(browser)


@pytest.fixture(autouse=True)
def fresh_page(browser):
    browser.open_kind("sweep")


def test_the_table_has_every_finished_point(browser, points):
    assert len(points.done) == 1999
    assert numbers_in_table(browser) == points.done


def test_the_front_is_that_of_the_definition(browser, points):
    filter_points(browser, "◆")
    front = points.front("cycles", "energy_pj")
    assert len(front) > 5
    assert set(numbers_in_table(browser)) == front


def test_the_front_follows_the_chosen_metrics_and_their_directions(browser, points):
    choose(browser, "Across", "processing_elements")
    choose(browser, "Up", "speedup")
    filter_points(browser, "◆")
    assert set(numbers_in_table(browser)) == points.front("processing_elements", "speedup", (1, -1))
    choose(browser, "Stage", "WG")
    choose(browser, "Up", "cycles")
    assert set(numbers_in_table(browser)) == points.front("processing_elements", "cycles", (1, 1), "WG")


def test_the_filter_finds_settings(browser, points):
    filter_points(browser, "hbm2")
    assert numbers_in_table(browser) == [number for number in points.done if number >= 1000]
    filter_points(browser, "HBM2 core.chunk_operands=256")
    assert numbers_in_table(browser) == [number for number in points.done if number >= 1800]
    filter_points(browser, "core.chunk_operands=25")
    assert numbers_in_table(browser) == []


def test_hover_shows_the_configuration_of_the_point(browser, points):
    browser.scroll_through()
    canvas = browser.driver.find_element("css selector", "figure canvas")
    browser.run("arguments[0].scrollIntoView({block: 'center', behavior: 'instant'})", canvas)
    x, y, number = browser.run("""
        const chart = Chart.getChart(arguments[0]);
        const point = chart.getDatasetMeta(0).data[0];
        return [point.x, point.y, chart.data.datasets[0].data[0].index];""", canvas)
    rect = browser.run("const r = arguments[0].getBoundingClientRect(); return [r.left, r.top]", canvas)
    ActionChains(browser.driver).move_by_offset(0, 0).perform()
    actions = ActionChains(browser.driver)
    actions.w3c_actions.pointer_action.move_to_location(int(rect[0] + x), int(rect[1] + y))
    actions.perform()
    browser.run_later("setTimeout(arguments[0], 300)")
    opacity, lines = browser.run("""const {tooltip} = Chart.getChart(arguments[0]);
        return [tooltip.opacity, [].concat(...tooltip.body.map((part) => part.lines))];""", canvas)
    assert opacity == 1
    settings = points.sweep["points"][number][4]
    assert [f"{key} = {value}" for key, value in zip(points.sweep["axes"], settings)] == lines[2:6]
    actions = ActionChains(browser.driver)
    actions.w3c_actions.pointer_action.click()
    actions.perform()
    browser.run_later("setTimeout(arguments[0], 100)")
    assert browser.run("return document.querySelector('.chosen').textContent").startswith(f"Point {number}: ")
    assert browser.run(f"return Number({POINTS}.querySelector('tr.selected').children[0].dataset.value)") == number


def test_failed_points_tell_their_errors(browser):
    text = browser.run("""return [...document.querySelectorAll(".scroll")].find(
        (box) => box.getAttribute("aria-label") === "Failed points").innerText""")
    assert "core.rows: out of memory" in text and "core.rows = 20" in text and "1,999" in text


def axes_table(browser):
    """Axis, values, bins, share and share by chance of each row; missing numbers are None."""
    browser.run("""[...document.querySelectorAll("summary")].find(
        (summary) => summary.textContent === "Table: Which axis matters").click()""")
    return browser.run_later("""const done = arguments[0];
        setTimeout(() => done([...[...document.querySelectorAll(".scroll")].find(
            (box) => box.getAttribute("aria-label") === "Which axis matters").querySelectorAll("tbody tr")].map((row) =>
                [row.children[0].textContent].concat([1, 2, 3, 4].map((cell) =>
                    "value" in row.children[cell].dataset ? Number(row.children[cell].dataset.value) : null)))), 50)""")


def test_sensitivity_is_the_share_of_the_variance_between_the_values_of_an_axis(browser, points):
    values = [points.value(number, "energy_pj") for number in points.done]
    middle = sum(values) / len(values)
    total = sum((value - middle) ** 2 for value in values)
    expected = {}
    for axis, key in enumerate(points.sweep["axes"]):
        groups = {}
        for number, value in zip(points.done, values):
            setting = points.sweep["points"][number][4][axis]
            # 20 numbers, not equally often (a point has failed), are 10 bins: 1 and 2, 3 and 4, ...
            group = (int(setting) - 1) // 2 if key == "core.rows" else setting
            groups.setdefault(group, []).append(value)
        between = sum(len(group) * (sum(group) / len(group) - middle) ** 2 for group in groups.values())
        expected[key] = (len(groups), between / total)
    rows = axes_table(browser)
    assert [row[0] for row in rows] == sorted(expected, key=lambda key: -expected[key][1])
    for key, number, bins, share, chance in rows:
        is_rows = key == "core.rows"
        assert (number, bins) == ((20, 10) if is_rows else (expected[key][0], None))
        assert share == pytest.approx(expected[key][1], rel=1e-9)
        assert chance == (pytest.approx(9 / 1998) if is_rows else None)
    notes = browser.run("return [...document.querySelectorAll('.notes li')].map((note) => note.textContent)")
    assert notes[0].startswith("not a full grid: shares may overlap, they add up to ")
    assert notes[1:] == ["core.rows: 20 values in 10 quantile bins; by chance alone it would get about 0.5 %"]


def test_a_metric_with_one_value_explains_nothing(browser):
    choose(browser, "Up", "dram_bytes")
    browser.scroll_through()
    assert "dram_bytes is 4,096 in 1,999 points: nothing to explain." in browser.run("return document.body.innerText")
    assert axes_table(browser) == []


def test_menus_name_the_whole_first_and_then_the_stages_as_they_run(browser):
    labels = browser.run("return [...document.querySelectorAll('#sweep-0 .choice')].map("
                         "(choice) => choice.querySelector('span').textContent)")
    assert labels[:4] == ["Stage", "Across", "Up", "Scales"]
    stages = "return [...document.querySelector('#sweep-0 select').options].map((option) => option.value)"
    assert browser.run(stages) == ["total", "FF", "BP", "WG"]


def test_settings_that_are_numbers_stand_to_the_right(browser):
    sides = browser.run(f"""const table = {POINTS};
        const row = table.querySelector("tbody tr");
        return [...table.querySelectorAll("thead th")].map((head, index) => [head.textContent.trim().split(" ")[0],
            getComputedStyle(row.children[index]).textAlign])""")
    assert dict(sides[2:6]) == {"core.rows": "right", "core.columns": "right", "core.chunk_operands": "right",
                                "memory.dram": "left"}


def test_two_thousand_points_are_fluent(browser):
    seconds = {"load": browser.open_kind("sweep")}
    steps = {
        "draw": "document.querySelectorAll('figure').forEach((element) => element.figure.show());",
        "sort": f"{POINTS}.querySelectorAll('thead button')[6].click();",
        "filter": f"const input = {POINTS}.parentElement.querySelector('input'); input.value = 'hbm2';"
                  "input.dispatchEvent(new Event('input'));",
        "choose a metric": "const select = document.querySelectorAll('.choice select')[2]; select.value = 'utilisation';"
                           "select.dispatchEvent(new Event('change'));",
    }
    for name, step in steps.items():
        seconds[name] = browser.run(f"const start = performance.now(); {step}; return (performance.now() - start) / 1000")
    print({name: round(value, 3) for name, value in seconds.items()})
    assert max(seconds.values()) < 20
    assert browser.errors() == []
