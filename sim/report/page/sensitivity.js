// SPDX-License-Identifier: Apache-2.0
// Which axis of a sweep moves a metric most. The numbers are those of `skipsim sensitivity`, as the
// page's data has them; nothing is computed here but sums and quotients to show.

/// {design, lowest, highest, mean, effects} of a metric of a stage; null if the page has none.
function sensitivityOf(source, stage, metric) {
    const {designs, values, metrics} = source.sensitivity;
    const found = new Map(Object.entries(new Map(Object.entries(metrics)).get(stage) || {})).get(metric);
    if (!found) {
        return null;
    }
    const [number, lowest, highest, mean, effects] = found;
    const design = designs[number];
    return {design, lowest, highest, mean, effects: effects.map(([axis, share, lowestMean, lowestAt, highestMean, highestAt]) => {
        const [name, keys, distinct, bins, chance, notes] = design.axes[axis];
        return {name, keys, distinct, bins, chance, notes, share, lowestMean, lowestAt: values[lowestAt], highestMean,
                highestAt: values[highestAt]};
    })};
}

/// Drawn numbers and bounds of bins with five digits: "65.9707652007..70" is "65.971..70".
function shortValue(text) {
    return text.split("..").map((part) => part.length > 8 && /^-?\d*\.\d+(e[+-]?\d+)?$/.test(part) ?
        String(Number(Number(part).toPrecision(5))) : part).join("..");
}

function sensitivityColumns(unit) {
    return [textColumn("Axis", "axes that take their values together are one"), numberColumn("values"),
            numberColumn("bins", "", "quantile bins of an axis whose numbers hardly repeat"),
            numberColumn("share of variance", "", "", percent),
            numberColumn("by chance", "", "share that bins of an axis without any influence get on average", percent),
            numberColumn("lowest mean", unit), textColumn("at"), numberColumn("highest mean", unit), textColumn("at"),
            numberColumn("highest over lowest")];
}

function sensitivityRow(effect) {
    const at = (text) => effect.share > 0 ? shortValue(text) : null;  // else all means are the same
    return [effect.keys, effect.distinct, effect.bins, effect.share, effect.chance, effect.lowestMean, at(effect.lowestAt),
            effect.highestMean, at(effect.highestAt), ratio(effect.highestMean, effect.lowestMean)];
}

/// What the shares add up to, and what that means.
function sumNote({design, effects}) {
    const sum = effects.reduce((total, {share}) => total + share, 0);
    return design.is_full_grid ?
        `full grid: the shares add up to ${percent(sum)}, the other ${percent(Math.max(0, 1 - sum))} is interaction between axes` :
        `not a full grid: shares may overlap, they add up to ${percent(sum)}`;
}

function sensitivityNotes(result) {
    if (!result || result.effects.length === 0) {
        return [];
    }
    const {design, effects} = result;
    return [sumNote(result)].concat(...effects.map(({notes}) => notes.split("\n").filter((line) => line !== "")),
        design.constants.length > 0 ? ["one value only: " + design.constants.join(", ")] : [],
        design.without_metric > 0 ?
            [`points without a finite value of the metric, which take no part: ${plain(design.without_metric)}`] : []);
}

function nothingToExplain(result, metric) {
    if (!result || result.design.points === 0) {
        return "No finished point has this metric.";
    }
    return result.lowest === result.highest ?
        `${metric} is ${plain(result.mean)} in ${count(result.design.points, "point", "points")}: nothing to explain.` :
        "No axis explains any of it.";
}

/// Which axis moves the metric on the vertical axis most.
function sensitivityFigure(sweep) {
    const result = () => sensitivityOf(sweep.source, sweep.stage, sweep.y);
    const effects = () => (result() || {effects: []}).effects;
    const figure = new BarFigure({
        title: "Which axis matters", first: "Axis",
        note: "Share of the variance of the vertical metric that the values of one axis explain, by themselves.",
        empty: () => nothingToExplain(result(), sweep.y),
    }, () => ({labels: effects().map(({name}) => name), unit: "%", series: [{
        name: "share of variance of " + sweep.y, colour: ["#0072B2"], values: effects().map(({share}) => 100 * share)}]}));
    figure.parts.makeNotes = () => sensitivityNotes(result());
    figure.parts.makeTable = () => ({columns: sensitivityColumns(meaningOf(sweep.y)[0]), rows: effects().map(sensitivityRow)});
    return figure;
}
