// SPDX-License-Identifier: Apache-2.0
// The part of the page that shows one sweep: all points over two chosen metrics, those that nobody
// beats, and which axis moves a metric most.

const kUsualMetrics = ["cycles", "time_s", "energy_pj", "energy_pj_on_chip", "power_mw", "dram_bytes", "utilisation",
                       "speedup", "processing_elements"];

/// Of a stage in a menu: the whole first, then as they run.
function placeOf(stage) {
    const order = ["total"].concat(kStages);
    return order.includes(stage) ? order.indexOf(stage) : order.length;
}

class Sweep {
    constructor(sweep) {
        Object.assign(this, {name: sweep.name, axes: sweep.axes, points: sweep.points, source: sweep});
        this.stages = new Map(Object.entries(sweep.metrics).sort(([a], [b]) => placeOf(a) - placeOf(b))
            .map(([stage, columns]) => [stage, new Map(Object.entries(columns))]));
        this.stage = this.stages.has("total") ? "total" : [...this.stages.keys()][0] || "total";
        const has = (metric) => this.metrics().includes(metric);
        this.x = has("cycles") ? "cycles" : this.metrics()[0];
        this.y = has("energy_pj") ? "energy_pj" : this.metrics()[0];
        this.done = this.points.map((_, index) => index).filter((index) => this.points[index][1] === "done");
        this.selected = -1;
        this.scale = "automatic";
        this.findFront();
    }

    metrics() {
        return [...(this.stages.get(this.stage) || new Map()).keys()];
    }

    value(index, metric) {
        const columns = this.stages.get(this.stage);
        const column = columns ? columns.get(metric) : null;
        return Array.isArray(column) ? column[index] : column === undefined ? null : column;
    }

    findFront() {
        const pairs = this.done.map((index) => [this.value(index, this.x), this.value(index, this.y)]);
        const signs = [this.x, this.y].map((metric) => isHigherBetter(metric) ? -1 : 1);
        this.front = paretoFront(pairs, signs).map((at) => this.done[at]);
        this.isOnFront = new Set(this.front);
    }

    /// "linear" or "logarithmic"; left to itself, an axis over more than a factor of 20 is the latter.
    scaleOf(metric) {
        const values = this.done.map((index) => this.value(index, metric)).filter(isNumber);
        const lowest = values.reduce((least, value) => Math.min(least, value), Infinity);
        const highest = values.reduce((most, value) => Math.max(most, value), -Infinity);
        const isWide = lowest > 0 && highest / lowest > 20;
        return lowest > 0 && (this.scale === "logarithmic" || (this.scale === "automatic" && isWide)) ?
            "logarithmic" : "linear";
    }

    settings(index) {
        return this.axes.map((key, axis) => [key, this.points[index][4][axis]])
            .filter(([, value]) => value !== null).map(([key, value]) => `${key} = ${value}`);
    }

    axisTitle(metric) {
        return `${metric} (${isHigherBetter(metric) ? "more" : "less"} is better)`;
    }
}

function sweepDatasets(sweep) {
    const at = (index) => ({x: sweep.value(index, sweep.x), y: sweep.value(index, sweep.y), index});
    const drawable = (index) => isNumber(sweep.value(index, sweep.x)) && isNumber(sweep.value(index, sweep.y));
    const accent = styleColour("--accent");
    const vermilion = "#D55E00";
    const datasets = [
        {label: "on the front", meaning: "no point is better in one metric and at least as good in the other",
         swatch: "shape-rectRot", colour: vermilion, type: "scatter", pointStyle: "rectRot", radius: 6, hoverRadius: 8,
         backgroundColor: vermilion, borderColor: styleColour("--paper"), data: sweep.front.map(at),
         showLine: true, borderWidth: 1, order: 1},
        {label: "other points", swatch: "shape-circle", colour: accent, type: "scatter", pointStyle: "circle", radius: 3.5,
         hoverRadius: 6, backgroundColor: accent + "88", borderColor: accent, borderWidth: 0.5, order: 2,
         data: sweep.done.filter((index) => !sweep.isOnFront.has(index) && drawable(index)).map(at)},
    ];
    datasets[0].borderColor = vermilion;
    datasets[0].borderDash = [4, 3];
    if (sweep.selected >= 0 && drawable(sweep.selected)) {
        datasets.unshift({label: "chosen", isUnlisted: true, type: "scatter", pointStyle: "circle", radius: 11,
                          backgroundColor: "transparent", borderColor: styleColour("--ink"), borderWidth: 2,
                          data: [at(sweep.selected)], order: 0, pointHitRadius: 0});
    }
    return datasets;
}

function scatterAxis(sweep, metric, unit, isNarrow) {
    const type = sweep.scaleOf(metric);
    const axis = {...axisOptions(sweep.axisTitle(metric) + (type === "linear" ? "" : ", logarithmic")), type};
    const firstDigits = isNarrow ? ["1"] : ["1", "2", "5"];
    axis.ticks.callback = (value) => type === "linear" || isRound(value, firstDigits) ? tickText(value, unit).replace(" cycles", "") : "";
    axis.ticks.maxTicksLimit = type === "linear" ? 6 : 60;
    return axis;
}

/// One of these digits times a power of ten.
function isRound(value, firstDigits) {
    return firstDigits.some((digit) => value.toExponential(6).startsWith(digit + ".000000"));
}

function sweepConfig(sweep, isNarrow, onChoose) {
    const options = baseOptions();
    const [unitX, unitY] = [meaningOf(sweep.x)[0], meaningOf(sweep.y)[0]];
    options.interaction = {mode: "nearest", intersect: true};
    options.scales = {x: scatterAxis(sweep, sweep.x, unitX, isNarrow), y: scatterAxis(sweep, sweep.y, unitY, false)};
    options.onClick = (event, [element], chart) => {
        if (element) {
            onChoose(chart.data.datasets[element.datasetIndex].data[element.index].index);
        }
    };
    options.plugins.tooltip.filter = (item) => item.dataset.label !== "chosen";
    options.plugins.tooltip.callbacks = {
        title: ([item]) => item ? "Point " + sweep.points[item.raw.index][0] : "",
        label: ({raw}) => [`${sweep.x}: ${scaled(raw.x, unitX)}`, `${sweep.y}: ${scaled(raw.y, unitY)}`]
            .concat(sweep.settings(raw.index)),
    };
    options.plugins.tooltip.displayColors = false;
    return {type: "scatter", data: {datasets: sweepDatasets(sweep)}, options};
}

function pointsTable(sweep) {
    const metrics = [...new Set([sweep.x, sweep.y].concat(kUsualMetrics.filter((name) => sweep.metrics().includes(name))))]
        .filter((name) => name !== undefined);
    const columns = [numberColumn("Point", "", "position in the sweep"), textColumn("Front", "points that nobody beats")]
        .concat(sweep.axes.map((key, axis) => settingColumn(sweep, key, axis)),
                metrics.map((name) => numberColumn(name, meaningOf(name)[0], meaningOf(name)[1])));
    const rows = sweep.done.map((index) => [sweep.points[index][0], sweep.isOnFront.has(index) ? "◆ front" : ""].concat(
        sweep.points[index][4].map((value) => value === null ? null : asNumber(value)),
        metrics.map((name) => sweep.value(index, name))));
    return {columns, rows};
}

/// A setting that is a number sorts as one.
function asNumber(text) {
    return /^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(text) ? Number(text) : text;
}

function settingText(value) {
    return typeof value !== "number" ? value === null ? "–" : value :
        Number.isInteger(value) ? plain(value) : shortValue(String(value)).replace(/^-/, "−");
}

/// To the right, as all numbers, if every point that has the key has a number.
function settingColumn(sweep, key, axis) {
    const values = sweep.done.map((index) => sweep.points[index][4][axis]).filter((value) => value !== null);
    const isNumber = values.length > 0 && values.every((value) => typeof asNumber(value) === "number");
    return {title: key, isNumber, show: settingText};
}

class SweepPart {
    constructor(sweep, id) {
        this.sweep = new Sweep(sweep);
        if (this.sweep.done.length > 0) {
            this.makeFigures();
        }
        this.element = this.makeElement(sweep, id);
    }

    makeFigures() {
        this.stage = makeChoice("Stage", [...this.sweep.stages.keys()].map((stage) => [stage, stage]), this.sweep.stage,
                                (value) => this.change("stage", value));
        this.x = makeChoice("Across", [], "", (value) => this.change("x", value));
        this.y = makeChoice("Up", [], "", (value) => this.change("y", value));
        this.scale = makeChoice("Scales", [["automatic", "automatic"], ["linear", "linear"], ["logarithmic", "logarithmic"]],
                                "automatic", (value) => {
                                    this.sweep.scale = value;
                                    this.scatter.update();
                                });
        this.offerMetrics();
        this.scatter = new Figure({
            title: "Points over two metrics", controls: [this.stage, this.x, this.y, this.scale],
            note: "Diamonds on the dashed line are the Pareto front: no point is better in one metric and at least as " +
                "good in the other. A click on a point shows it in the table.",
            empty: "No finished point has both metrics.",
            height: () => 460, makeChart: () => this.makeChart(),
        });
        this.sensitivity = sensitivityFigure(this.sweep);
        const {columns, rows} = pointsTable(this.sweep);
        this.chosen = make("p", {class: "chosen", "aria-live": "polite"});
        this.table = new Table("Finished points", columns, rows, {markOf: (row) => this.markOf(row)});
        this.table.sortBy(0);
        this.table.sortBy(0);
    }

    offerMetrics() {
        for (const axis of ["x", "y"]) {
            setOptions(this[axis], this.sweep.metrics().map((name) => [name, name]), this.sweep[axis]);
        }
    }

    change(what, value) {
        this.sweep[what] = value;
        for (const axis of ["x", "y"]) {
            if (!this.sweep.metrics().includes(this.sweep[axis])) {
                this.sweep[axis] = this.sweep.metrics()[0];
            }
        }
        this.offerMetrics();
        this.sweep.findFront();
        this.scatter.update();
        this.sensitivity.update();
        const {columns, rows} = pointsTable(this.sweep);
        this.table.setContent(columns, rows);
    }

    makeChart() {
        const sweep = this.sweep;
        const config = sweepConfig(sweep, this.scatter.isNarrow(), (index) => this.choose(index));
        return config.data.datasets.every(({data: list}) => list.length === 0) ? null : {
            config,
            summary: `${count(sweep.done.length, "point", "points")}, ${sweep.front.length} on the front.`,
        };
    }

    choose(index) {
        this.sweep.selected = index;
        const number = this.sweep.points[index][0];
        this.chosen.textContent = `Point ${number}: ` + this.sweep.settings(index).join(", ") +
            ` (${this.sweep.points[index][2]})`;
        this.scatter.update();
        this.table.reveal(this.table.rows.find((row) => row[0] === number));
        this.table.refresh();
    }

    markOf(row) {
        const index = this.sweep.selected;
        return (row[1] !== "" ? "front" : "") + (index >= 0 && this.sweep.points[index][0] === row[0] ? " selected" : "");
    }

    makeElement(sweep, id) {
        const number = (status) => sweep.points.filter((point) => point[1] === status).length;
        const failed = sweep.points.map((point, index) => [point[0], this.sweep.settings(index).join(", "), point[3], point[1]])
            .filter((row) => row[3] === "failed");
        return make("section", {id, class: "part"}, make("h2", {}, "Sweep " + sweep.name),
            make("p", {class: "subtitle"}, `${count(sweep.points.length, "point", "points")}: ${plain(number("done"))} done, ` +
                 `${plain(failed.length)} failed, ${plain(number("waiting"))} waiting`),
            makeFacts([["Folder", make("code", {}, sweep.folder)], ["Configuration", make("code", {}, sweep.config)],
                       ["Traces", make("code", {}, sweep.traces.join(", ") || "one for each point")],
                       ["Axes", sweep.axes.join(", ")]]),
            sweep.has_all_metrics ? null : make("p", {class: "note"}, "A sweep of this size has its main metrics only " +
                "on this page; its database has all."),
            this.table ? [this.scatter.element, this.chosen, this.sensitivity.element, make("h3", {}, "Finished points"),
                          this.table.element] :
                make("p", {class: "empty"}, "No point has finished, so there is nothing to draw."),
            failed.length === 0 ? null : [make("h3", {}, "Failed points"), new Table("Failed points",
                [numberColumn("Point"), textColumn("Settings"), textColumn("Error")], failed).element]);
    }
}
