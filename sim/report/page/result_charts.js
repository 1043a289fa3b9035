// SPDX-License-Identifier: Apache-2.0
// The charts of one result.

/// Totals of the run and of each stage that took part, as [name, totals].
function stagesOf(result) {
    const used = kStages.filter((stage) => result.stages[stage] && result.stages[stage].rows > 0);
    return [["total", result.totals]].concat(used.map((stage) => [stage, result.stages[stage]]));
}

function energyFigure(result) {
    let scope = "all";
    const stages = stagesOf(result);
    const names = Object.keys(result.totals.energy_pj_by_component);
    const largestFirst = names.slice().sort((a, b) =>
        result.totals.energy_pj_by_component[b] - result.totals.energy_pj_by_component[a]);
    const colours = new Map(largestFirst.map((name, index) => [name, colourNumber(index)]));
    const figure = new BarFigure({
        title: "Energy by component and stage", first: "Stage", canShare: true,
        note: "Counts of actions times the energy table, over all iterations. WU is the weight update.",
        empty: "No action of this run costs energy.",
        controls: [makeChoice("Components", [["all", "all"], ["chip", "on the chip (without dram)"]], scope, (value) => {
            scope = value;
            figure.update();
        })],
    }, () => ({
        labels: stages.map(([name]) => name), unit: "pJ",
        series: largestFirst.filter((name) => scope === "all" || name !== "dram").map((name) => ({
            name, meaning: "energy of the actions of " + name, colour: colours.get(name),
            values: stages.map(([, totals]) => totals.energy_pj_by_component[name] || 0),
        })),
    }));
    return figure;
}

function stageCyclesFigure(result) {
    const stages = stagesOf(result).slice(1);
    return new BarFigure({
        title: "Cycles by stage, with and without skipping", first: "Stage", isGrouped: true,
        note: "Dense: the same chip with nothing skipped, memory included.",
    }, () => ({
        labels: stages.map(([name]) => name), unit: "core cycles",
        series: [{name: "this run", meaning: meaningOf("cycles")[1], colour: ["#0072B2"],
                  values: stages.map(([, totals]) => totals.cycles)},
                 {name: "dense", meaning: meaningOf("dense_cycles")[1], colour: [kGrey],
                  values: stages.map(([, totals]) => totals.dense_cycles)}],
    }));
}

function peStageFigure(result) {
    const stages = stagesOf(result);
    return new BarFigure({
        title: "Where the cycles of the processing elements went, by stage", first: "Stage", canShare: true,
        startsShared: true,
        note: "Every cycle of every processing element (PE) has one category; mac is useful work. " +
            "While the vector unit or the memory works alone, PEs are idle.",
    }, () => ({
        labels: stages.map(([name]) => name), unit: "PE cycles",
        series: peSeries((category) => stages.map(([, totals]) => totals.pe_cycles[category] || 0)),
    }));
}

function unitsFigure(result) {
    return new BarFigure({
        title: "What each unit did", first: "Unit", canShare: true, startsShared: true,
        note: "Busy: works. Starved: waits for work. Blocked: cannot hand on what it has.",
        empty: "The result lists no units.",
    }, () => ({
        labels: result.units.map(([unit]) => unit), unit: "core cycles",
        series: [["busy", ["#009E73"]], ["starved", ["#56B4E9"]], ["blocked", ["#D55E00", true]]].map(
            ([name, colour], index) => ({name, colour, meaning: meaningOf(name)[1],
                                         values: result.units.map((unit) => unit[index + 1])})),
    }));
}

function stageChoice(stages, onChange) {
    return makeChoice("Stage", [["all", "all (sum)"]].concat(stages.map((stage) => [stage, stage])), "all", onChange);
}

function layerFigures(rows) {
    const chosen = {pe: "all", sparsity: "all"};
    const figures = [
        new BarFigure({title: "Cycles per layer and stage", first: "Layer", canShare: true,
                       note: "Length of the rows of a layer: from the end of the previous row to its own end."},
                      () => rows.byStage("cycles")),
        new BarFigure({title: "What became of the multiplies, per layer", first: "Layer", canShare: true,
                       startsShared: true, empty: "No layer multiplies here.",
                       note: "Each skipped multiply is attributed to one cause.",
                       controls: [stageChoice(["FF", "BP", "WG"], (stage) => {
                           chosen.sparsity = stage;
                           figures[1].update();
                       })]},
                      () => rows.sparsity(chosen.sparsity)),
        new BarFigure({title: "Where the cycles of the processing elements went, per layer", first: "Layer",
                       canShare: true, startsShared: true, note: "Choose “amounts” to see which layers matter.",
                       controls: [stageChoice(kStages, (stage) => {
                           chosen.pe = stage;
                           figures[2].update();
                       })]},
                      () => rows.peCycles(chosen.pe)),
        new BarFigure({title: "DRAM traffic per layer and stage", first: "Layer", canShare: true,
                       note: "Bytes read from and written to memory.", empty: "No byte came from or went to the memory."},
                      () => rows.byStage("dram_bytes")),
        new BarFigure({title: "Energy per layer and stage", first: "Layer", canShare: true,
                       note: "DRAM included.", empty: "No action of these rows costs energy."},
                      () => rows.byStage("energy_pj")),
    ];
    return figures.concat(rooflineFigure(rows));
}
