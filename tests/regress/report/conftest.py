# SPDX-License-Identifier: Apache-2.0
"""A browser without a screen (Debian's Chromium) and the pages that it looks at."""
import os
import pathlib
import subprocess
import time

import pytest
from selenium import webdriver
from selenium.webdriver.chrome.options import Options
from selenium.webdriver.chrome.service import Service

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars",
         "--window-size=1200,900"]
ROOT = pathlib.Path(__file__).resolve().parents[3]
FIXTURE = os.environ.get("REPORT_FIXTURE", str(ROOT / "build/release/tests/regress/report/report_fixture"))
KINDS = ["small", "hostile", "large", "comparison", "sweep"]


class Browser:
    """One page at a time; what tests ask of it again and again."""

    def __init__(self, driver, folder):
        self.driver = driver
        self.folder = folder

    def open(self, path, width=1200, dark=False):
        """Returns the seconds until the page had built itself."""
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", {
            "width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500})
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "", "features": [
            {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}]})
        self.driver.get("about:blank")
        for log in ("browser", "performance"):
            self.driver.get_log(log)
        start = time.monotonic()
        self.driver.get(pathlib.Path(path).as_uri())
        assert self.run("return document.documentElement.hasAttribute('data-ready')"), self.errors()
        return time.monotonic() - start

    def open_kind(self, kind, **options):
        return self.open(self.folder / (kind + ".html"), **options)

    def run(self, script, *arguments):
        return self.driver.execute_script(script, *arguments)

    def run_later(self, script, *arguments):
        """The script calls its last argument when it is done."""
        return self.driver.execute_async_script(script, *arguments)

    def errors(self):
        return [entry["message"] for entry in self.driver.get_log("browser")]

    def scroll_through(self):
        """Past everything, so that every chart has been in sight."""
        self.run_later("""
            const done = arguments[0];
            let y = 0;
            function step() {
                window.scrollTo({top: y, behavior: "instant"});
                y += 600;
                if (y < document.documentElement.scrollHeight + 600) {
                    requestAnimationFrame(() => setTimeout(step, 10));
                } else {
                    setTimeout(done, 100);
                }
            }
            step();""")


@pytest.fixture(scope="session", name="pages")
def make_pages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pages")
    for kind in KINDS + ["bare", "changes"]:
        page = subprocess.run([FIXTURE, kind], capture_output=True, check=True).stdout
        (folder / (kind + ".html")).write_bytes(page)
    return folder


@pytest.fixture(scope="session", name="browser")
def start_browser(pages, tmp_path_factory):
    options = Options()
    options.binary_location = "/usr/bin/chromium"
    for flag in FLAGS + [f"--user-data-dir={tmp_path_factory.mktemp('profile')}"]:
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(service=Service("/usr/bin/chromedriver"), options=options)
    driver.set_script_timeout(60)
    driver.set_page_load_timeout(60)
    yield Browser(driver, pages)
    driver.quit()
