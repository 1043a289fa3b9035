// SPDX-License-Identifier: Apache-2.0
// A chart with its heading, controls, legend and the table of its numbers. It is drawn when it
// comes into sight, and again when its data, the theme or the paper changes.

Chart.defaults.animation = false;
Chart.defaults.font.family = "system-ui, sans-serif";
Chart.defaults.maintainAspectRatio = false;
Chart.defaults.plugins.legend.display = false;

const figures = [];
const watcher = new IntersectionObserver((entries) => {
    for (const entry of entries) {
        if (entry.isIntersecting) {
            entry.target.figure.show();
        }
    }
}, {rootMargin: "300px"});

/// parts: title, note, controls (elements), height() [px], makeChart() -> {config, summary} or
/// nothing, makeTable() -> {columns, rows}, makeNotes() -> sentences below the chart, empty (text, or
/// a function that gives it, if there is nothing to draw).
class Figure {
    constructor(parts) {
        this.parts = parts;
        this.isInSight = false;
        this.hiddenSeries = new Set();
        this.canvas = make("canvas", {role: "img"});
        this.canvasBox = make("div", {class: "canvas-box"}, this.canvas);
        this.legend = make("div", {class: "legend", role: "group", "aria-label": "Legend of: " + parts.title});
        this.message = make("p", {class: "empty", hidden: true});
        this.notes = make("ul", {class: "notes", hidden: true});
        this.fold = makeFold("Table: " + parts.title, () => this.fillTable());
        this.element = make("figure", {}, make("figcaption", {}, make("h4", {}, parts.title),
                            make("p", {class: "note"}, parts.note)),
                            make("div", {class: "controls"}, parts.controls || []),
                            this.legend, this.canvasBox, this.message, this.notes, parts.makeTable ? this.fold : null);
        this.element.figure = this;
        figures.push(this);
        watcher.observe(this.element);
    }

    /// Takes the room that the chart is going to need, so that nothing moves when it is drawn.
    reserve() {
        this.canvasBox.style.height = this.parts.height() + "px";
        this.fillNotes();
    }

    fillNotes() {
        const notes = this.parts.makeNotes ? this.parts.makeNotes() : [];
        this.notes.replaceChildren(...notes.map((text) => make("li", {}, text)));
        this.notes.hidden = notes.length === 0;
    }

    show() {
        if (!this.isInSight) {
            this.isInSight = true;
            this.draw();
        }
    }

    isNarrow() {
        return this.canvasBox.clientWidth < 520;
    }

    /// After a change of the data.
    update() {
        if (this.isInSight) {
            this.draw();
            this.fillNotes();
        } else {
            this.reserve();
        }
        if (this.table) {
            const {columns, rows} = this.parts.makeTable();
            this.table.setContent(columns, rows);
        }
    }

    draw() {
        if (this.chart) {
            this.chart.destroy();
            this.chart = null;
        }
        const made = this.parts.makeChart();
        this.canvasBox.hidden = !made;
        this.legend.hidden = !made;
        this.message.hidden = Boolean(made);
        if (!made) {
            const {empty} = this.parts;
            this.message.textContent = (typeof empty === "function" ? empty() : empty) || "Nothing to draw.";
            return;
        }
        const height = theme.isPrinting ? paperHeight(this.parts.height()) : this.parts.height();
        this.canvasBox.style.height = height + "px";
        this.canvas.setAttribute("aria-label", this.parts.title + ". " + (made.summary || "") +
                                 " The table below has the same numbers.");
        if (theme.isPrinting) {
            made.config.options.responsive = false;
            made.config.options.devicePixelRatio = 2;
            this.canvas.width = this.canvasBox.clientWidth > 660 ? 660 : this.canvasBox.clientWidth;
            this.canvas.height = height;
        }
        this.chart = new Chart(this.canvas, made.config);
        this.hideSeries();
        this.fillLegend();
    }

    hideSeries() {
        this.chart.data.datasets.forEach((dataset, index) => {
            if (this.hiddenSeries.has(dataset.label)) {
                this.chart.setDatasetVisibility(index, false);
            }
        });
        if (this.hiddenSeries.size > 0) {
            this.chart.update();
        }
    }

    fillLegend() {
        const items = this.chart.data.datasets.filter((dataset) => !dataset.isUnlisted);
        this.legend.replaceChildren(...(items.length < 2 ? [] : items.map((dataset) => this.makeItem(dataset))));
    }

    makeItem(dataset) {
        const swatch = make("span", {class: "swatch " + (dataset.swatch || "box") +
                                     (dataset.isHatched ? " hatched" : ""), "aria-hidden": "true"});
        swatch.style.setProperty("--colour", dataset.colour);
        const item = makeButton("", () => {
            const index = this.chart.data.datasets.indexOf(dataset);
            const isVisible = !this.chart.isDatasetVisible(index);
            this.chart.setDatasetVisibility(index, isVisible);
            this.hiddenSeries[isVisible ? "delete" : "add"](dataset.label);
            item.setAttribute("aria-pressed", String(isVisible));
            this.chart.update();
        }, {"aria-pressed": String(!this.hiddenSeries.has(dataset.label)), title: dataset.meaning || null});
        add(item, [swatch, dataset.label]);
        return item;
    }

    fillTable() {
        const {columns, rows} = this.parts.makeTable();
        this.table = new Table(this.parts.title, columns, rows);
        this.fold.append(this.table.element);
    }
}

/// [px] Two charts of usual length go on a page, a long one fills it.
function paperHeight(height) {
    return height <= 620 ? Math.min(height, 350) : Math.min(height, 900);
}

/// Drawn on paper, charts are light, whole, and as wide as the paper.
function printAll(isPrinting) {
    theme.isPrinting = isPrinting;
    document.documentElement.setAttribute("data-theme", isDark() ? "dark" : "light");
    for (const figure of figures) {
        if (isPrinting || figure.isInSight) {
            figure.isInSight = true;
            figure.draw();
        }
    }
}

function startFigures() {
    figures.forEach((figure) => figure.reserve());
    theme.listeners.push(() => figures.forEach((figure) => figure.isInSight && figure.draw()));
    window.addEventListener("beforeprint", () => printAll(true));
    window.addEventListener("afterprint", () => printAll(false));
}

/// What all charts share: colours of text and lines, and how tooltips are found.
function baseOptions() {
    const ink = styleColour("--ink");
    return {
        responsive: true,
        maintainAspectRatio: false,
        color: ink,
        plugins: {
            legend: {display: false},
            tooltip: {
                backgroundColor: styleColour("--tip"), titleColor: styleColour("--tip-ink"),
                bodyColor: styleColour("--tip-ink"), footerColor: styleColour("--tip-ink"),
                footerFont: {weight: "normal"}, padding: 10, boxPadding: 4, caretSize: 5, cornerRadius: 4,
            },
        },
    };
}

function axisOptions(title) {
    return {
        title: {display: Boolean(title), text: title, color: styleColour("--muted")},
        grid: {color: styleColour("--rule"), borderColor: styleColour("--rule")},
        ticks: {color: styleColour("--muted"), maxRotation: 0},
    };
}
