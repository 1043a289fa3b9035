// SPDX-License-Identifier: Apache-2.0
// Results beside each other.

/// A change is told however small it is: two digits below 0.01 %.
function signedPercent(value) {
    const sign = value > 0 ? "+" : value < 0 ? "−" : "";
    const size = Math.abs(value);
    return !isNumber(value) ? "–" :
        sign + (size > 0 && size < 0.01 ? size.toPrecision(2).replace("-", "−") + " %" : percent(size / 100));
}

function comparisonTable(comparison) {
    const columns = [textColumn("Item"), textColumn("Metric"), textColumn("Unit")];
    comparison.labels.forEach((label, index) => {
        columns.push(numberColumn(label));
        if (index !== comparison.baseline) {
            columns.push(numberColumn("change", "", `${label}: difference to the baseline in percent`, signedPercent),
                         numberColumn("ratio", "", `${label}: value over that of the baseline`));
        }
    });
    const rows = comparison.lines.map(([item, metric, unit, cells]) => [item, metric, unit].concat(
        ...cells.map(([value, , change, quotient], index) =>
            index === comparison.baseline ? [value] : [value, change, quotient])));
    return new Table("Comparison", columns, rows).element;
}

function comparisonFigure(comparison) {
    const metrics = [...new Set(comparison.lines.map(([, metric]) => metric))];
    let metric = metrics.includes("cycles") ? "cycles" : metrics[0];
    let isRatio = false;
    const base = comparison.labels[comparison.baseline];
    const figure = new BarFigure({
        title: "Results beside each other", first: "Item", isGrouped: true, note: `Baseline: ${base}.`,
        empty: "No result has this metric.",
        controls: [
            makeChoice("Metric", metrics.map((name) => [name, name]), metric, (value) => {
                metric = value;
                figure.update();
            }),
            makeChoice("Bars show", [["values", "values"], ["ratios", "ratios to the baseline"]], "values", (value) => {
                isRatio = value === "ratios";
                figure.update();
            })],
    }, () => {
        const lines = comparison.lines.filter(([, name]) => name === metric);
        return {
            labels: lines.map(([item]) => item), unit: isRatio ? "×" : lines.length > 0 ? lines[0][2] : "",
            series: comparison.labels.map((label, index) => ({
                name: label, meaning: comparison.paths[index], colour: colourNumber(index),
                values: lines.map(([, , , cells]) => cells[index][isRatio ? 3 : 0]),
            })),
        };
    });
    return figure;
}

function comparisonPart(comparison, id) {
    const {differences} = comparison;
    return make("section", {id, class: "part"}, make("h2", {}, "Comparison"),
        make("p", {class: "subtitle"}, `${comparison.labels.length} results; baseline ${comparison.labels[comparison.baseline]}`),
        makeNotice("What makes these numbers hard to compare", comparison.warnings),
        comparisonFigure(comparison).element, make("h3", {}, "All numbers"), comparisonTable(comparison),
        make("h3", {}, "Configuration values that differ"),
        differences.length === 0 ? make("p", {}, "None: the chips are configured alike.") :
            new Table("Configuration values that differ", [textColumn("Key")].concat(
                comparison.labels.map((label) => textColumn(label))),
                differences.map(([key, values]) => [key].concat(values))).element);
}
