// SPDX-License-Identifier: Apache-2.0
// Stacked horizontal bars, one for each layer, stage or unit; every bar has the same height, so a
// chart of many is long rather than crowded. More than kBarsPerPage are turned page by page.

const kBarsPerPage = 60;
const kBarHeight = 22;  // [px]

function isUsed({values}) {
    return values.some((value) => value !== 0 && value !== null);
}

/// content(): {labels, series: [{name, meaning, colour: [colour, is hatched], values}], unit}.
/// options: title, note, controls, first (title of the table's first column), canShare (amounts or
/// shares), startsShared, isGrouped (bars beside each other).
class BarFigure extends Figure {
    constructor(options, content) {
        const controls = options.controls ? options.controls.slice() : [];
        super({title: options.title, note: options.note, controls: [], empty: options.empty,
               height: () => this.height(), makeChart: () => this.makeChart(),
               makeTable: () => this.makeTable()});
        this.options = options;
        this.content = content;
        this.isShared = Boolean(options.startsShared);
        this.page = 0;
        if (options.canShare) {
            controls.push(makeChoice("Bars show", [["amounts", "amounts"], ["shares", "shares of each bar"]],
                                     this.isShared ? "shares" : "amounts", (value) => {
                                         this.isShared = value === "shares";
                                         this.update();
                                     }));
        }
        this.pages = makeChoice("Part", [], "", (value) => {
            this.page = Number(value);
            this.draw();
        });
        add(this.element.querySelector(".controls"), controls.concat(this.pages));
    }

    update() {
        this.page = 0;
        super.update();
    }

    height() {
        const {labels, series} = this.content();
        const used = series.filter(isUsed).length;
        const bars = Math.min(Math.max(labels.length - this.page * kBarsPerPage, 0), kBarsPerPage);
        const rows = this.options.isGrouped ? bars * (0.5 * used + 0.5) : bars;
        return Math.max(rows, 2) * kBarHeight + 64;
    }

    /// Names the parts of a chart that has too many bars for one.
    offerPages(total) {
        this.pages.hidden = total <= kBarsPerPage;
        const options = [];
        for (let first = 0; first < total; first += kBarsPerPage) {
            const last = Math.min(first + kBarsPerPage, total);
            options.push([String(first / kBarsPerPage), `bars ${first + 1}–${last} of ${total}`]);
        }
        setOptions(this.pages, options, String(this.page));
    }

    makeChart() {
        const {labels, series, unit} = this.content();
        const used = series.filter(isUsed);
        this.offerPages(labels.length);
        if (labels.length === 0 || used.length === 0) {
            return null;
        }
        const first = this.page * kBarsPerPage;
        const part = (list) => list.slice(first, first + kBarsPerPage);
        const sums = part(labels.map((_, bar) => series.reduce((sum, {values}) => sum + (values[bar] || 0), 0)));
        const names = part(labels);
        const datasets = used.map((one) => this.makeDataset(one, part(one.values), sums));
        return {
            config: {type: "bar", data: {labels: names, datasets}, options: this.makeOptions(unit, sums)},
            summary: count(names.length, "bar", "bars") + ".",
        };
    }

    makeDataset({name, meaning, colour}, amounts, sums) {
        return {
            label: name, meaning, amounts, colour: colour[0], isHatched: Boolean(colour[1]),
            data: this.isShared ? amounts.map((amount, bar) => sums[bar] ? amount / sums[bar] : 0) : amounts,
            backgroundColor: fillOf(colour[0], colour[1]), borderColor: styleColour("--paper"),
            borderWidth: this.options.isGrouped ? 0 : {right: 1}, borderSkipped: false, maxBarThickness: 16,
            categoryPercentage: 0.84, barPercentage: 0.94,
        };
    }

    makeOptions(unit, sums) {
        const options = baseOptions();
        const letters = this.isNarrow() ? 15 : 34;
        options.indexAxis = "y";
        options.interaction = {mode: "nearest", axis: "xy", intersect: true};
        options.scales = {
            x: {...axisOptions(""), stacked: !this.options.isGrouped, max: this.isShared ? 1 : undefined},
            y: {...axisOptions(""), stacked: !this.options.isGrouped},
        };
        options.scales.x.ticks.callback = (value) =>
            this.isShared ? Math.round(value * 100) + " %" : tickText(value, unit);
        options.scales.x.ticks.maxTicksLimit = this.isNarrow() ? 4 : 8;
        options.scales.y.grid.display = false;
        options.scales.y.ticks.autoSkip = theme.isPrinting;
        options.scales.y.ticks.callback = function callback(value) {
            return shortened(this.getLabelForValue(value), letters);
        };
        options.plugins.tooltip.callbacks = {
            label: ({dataset, dataIndex}) => {
                const amount = dataset.amounts[dataIndex];
                const share = this.options.isGrouped ? "" : ` (${percent(ratio(amount, sums[dataIndex]))})`;
                return `${dataset.label}: ${scaled(amount, unit)}${share}`;
            },
            footer: ([item]) => this.options.isGrouped ? "" : "all: " + scaled(sums[item.dataIndex], unit),
        };
        return options;
    }

    makeTable() {
        const {labels, series, unit} = this.content();
        const columns = [textColumn(this.options.first || "Name")].concat(
            series.map(({name, meaning}) => numberColumn(name, unit, meaning)));
        if (!this.options.isGrouped && series.length > 1) {
            columns.push(numberColumn("all", unit, "sum of the row"));
        }
        const rows = labels.map((label, bar) => {
            const values = series.map(({values: all}) => all[bar]);
            const sum = this.options.isGrouped || series.length < 2 ? [] :
                [values.reduce((total, value) => total + (value || 0), 0)];
            return [label].concat(values, sum);
        });
        return {columns, rows};
    }
}
