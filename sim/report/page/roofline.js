// SPDX-License-Identifier: Apache-2.0
// The roofline: multiplies issued per cycle against multiplies issued per byte of DRAM traffic, a
// mark for each layer and stage. The flat roof is every PE issuing at every cycle, the slope is what
// the memory delivers at best. A row whose tensors came while another row computed may stand above
// the slope.

function rooflinePoints(rows) {
    const points = [];
    for (const bar of rows.bars()) {
        for (const stage of kStages.filter((name) => bar.stages.has(name))) {
            const issued = rows.sum(bar, stage, "macs.issued");
            const cycles = rows.sum(bar, stage, "cycles");
            const bytes = rows.sum(bar, stage, "dram_bytes");
            if (rows.sum(bar, stage, "macs.dense_all_samples") > 0) {
                points.push({name: bar.name, stage, issued, cycles, bytes, x: ratio(issued, bytes), y: ratio(issued, cycles)});
            }
        }
    }
    return points;
}

/// Lines of the roofs over [left, right].
function roofLine(result, left, right) {
    const top = result.compute_roof;
    const slope = result.memory_roof;
    if (!slope) {
        return [{x: left, y: top}, {x: right, y: top}];
    }
    const ridge = top / slope;
    const line = [{x: left, y: Math.min(left * slope, top)}];
    if (ridge > left && ridge < right) {
        line.push({x: ridge, y: top});
    }
    return line.concat({x: right, y: Math.min(right * slope, top)});
}

function rooflineNote(result) {
    const slope = result.memory_roof ?
        `Slope: the memory's ${scaled(result.memory_roof, "bytes")} per core cycle at best. ` :
        result.memory_file ? "The result does not say what its memory delivers at best, so there is no slope. " :
        "The memory is unlimited, so there is no slope. ";
    return `Flat roof: ${plain(result.compute_roof)} multiplies per cycle. ` + slope +
        "A row whose tensors came while another computed may stand above the slope.";
}

function powerOfTen(value) {
    const power = Math.log10(value);
    return Math.abs(power - Math.round(power)) < 1e-9 ? tickText(value, "") : "";
}

function rooflineConfig(result, points) {
    const xs = points.map(({x}) => x);
    const left = 10 ** Math.floor(Math.log10(Math.min(...xs)));
    const right = 10 ** Math.ceil(Math.log10(Math.max(...xs) * 1.01));
    const options = baseOptions();
    options.interaction = {mode: "nearest", intersect: true};
    options.scales = {
        x: {...axisOptions("multiplies issued per byte of DRAM traffic"), type: "logarithmic", min: left, max: right},
        y: {...axisOptions("multiplies issued per cycle"), type: "logarithmic"},
    };
    options.scales.x.ticks.callback = options.scales.y.ticks.callback = powerOfTen;
    options.plugins.tooltip.callbacks = {
        title: ([item]) => item.raw.name ? `${item.raw.name} ${item.raw.stage}` : "roof",
        label: ({raw}) => `${plain(raw.y)} per cycle, ${plain(raw.x)} per byte`,
    };
    const datasets = kStages.filter((stage) => points.some((point) => point.stage === stage)).map((stage) => ({
        label: stage, meaning: kStageMeanings.get(stage), colour: kStageColours.get(stage),
        swatch: "shape-" + kStageShapes.get(stage), type: "scatter", pointStyle: kStageShapes.get(stage), radius: 5,
        hoverRadius: 7, backgroundColor: kStageColours.get(stage) + "CC", borderColor: kStageColours.get(stage),
        data: points.filter((point) => point.stage === stage),
    }));
    datasets.push({label: "roof", meaning: "what the chip and its memory can do at best", colour: styleColour("--ink"),
                   swatch: "line", type: "line", data: roofLine(result, left, right), pointRadius: 0,
                   pointHitRadius: 0, borderColor: styleColour("--ink"), borderWidth: 1.5});
    return {type: "scatter", data: {datasets}, options};
}

function rooflineFigure(rows) {
    const {result} = rows;
    return new Figure({
        title: "Roofline", note: rooflineNote(result), empty: "No layer both multiplies and uses the memory.",
        height: () => 420,
        makeChart: () => {
            const points = rooflinePoints(rows).filter(({x, y}) => x > 0 && y > 0);
            return points.length === 0 ? null : {
                config: rooflineConfig(result, points),
                summary: count(points.length, "mark", "marks") + ", one for each layer and stage.",
            };
        },
        makeTable: () => ({
            columns: [textColumn("Layer"), textColumn("Stage"), numberColumn("issued", "multiplies", meaningOf("macs.issued")[1]),
                      numberColumn("cycles", "core cycles", meaningOf("cycles")[1]),
                      numberColumn("DRAM", "bytes", meaningOf("dram_bytes")[1]), numberColumn("per byte"),
                      numberColumn("per cycle"), numberColumn("of the flat roof", "", "", percent)],
            rows: rooflinePoints(rows).map((point) => [point.name, point.stage, point.issued, point.cycles, point.bytes,
                                                       point.x, point.y, ratio(point.y, result.compute_roof)]),
        }),
    });
}
