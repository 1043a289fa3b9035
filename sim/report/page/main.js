// SPDX-License-Identifier: Apache-2.0
// Puts the parts of the report on the page.

function listParts() {
    const parts = [];
    if (data.comparison) {
        parts.push(["comparison", "Comparison", () => comparisonPart(data.comparison, "comparison")]);
    }
    data.sweeps.forEach((sweep, index) => {
        parts.push(["sweep-" + index, "Sweep " + sweep.name, () => new SweepPart(sweep, "sweep-" + index).element]);
    });
    data.results.forEach((result, index) => {
        parts.push(["result-" + index, result.label, () => resultPart(result, "result-" + index)]);
    });
    return parts;
}

function start() {
    startTheme();
    const content = document.getElementById("content");
    const contents = document.getElementById("contents");
    const parts = listParts();
    document.title = parts.map(([, title]) => title).join(", ") + " – skipsim report";
    add(content, [makeNotice("About this report", data.notices)]);
    for (const [id, title, makePart] of parts) {
        contents.append(make("a", {href: "#" + id, title}, shortened(title, 40)));
        content.append(makePart());
    }
    startFigures();
    document.getElementById("footer").textContent =
        `Made by skipsim ${data.made_by[0]}, revision ${data.made_by[1]}. This page needs no network.`;
    document.documentElement.setAttribute("data-ready", "");
}

start();
})();
