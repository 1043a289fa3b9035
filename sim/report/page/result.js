// SPDX-License-Identifier: Apache-2.0
// The part of the page that shows one result.

function makeTile(label, value, detail, meaning) {
    return make("div", {class: "tile", title: meaning || null}, make("p", {class: "label"}, label),
                make("p", {class: "value"}, value), make("p", {class: "detail"}, detail));
}

function headline(result) {
    const {totals} = result;
    const energyDetail = `${scaled(totals.energy_pj_low, "pJ")} to ${scaled(totals.energy_pj_high, "pJ")} ` +
        "by the table's uncertainty";
    const speedup = ratio(totals.dense_cycles, totals.cycles);
    const peTotal = data.pe_categories.reduce((sum, category) => sum + (totals.pe_cycles[category] || 0), 0);
    return make("div", {class: "tiles"}, [
        makeTile("Cycles", scaled(totals.cycles, "core cycles").replace(" cycles", ""), plain(totals.cycles), meaningOf("cycles")[1]),
        makeTile("Time", scaled(totals.time_s, "s"), "cycles at the core clock", meaningOf("time_s")[1]),
        makeTile("Speed-up", speedup === null ? "–" : plain(speedup) + "×",
                 speedup === null ? "dense cycles were not computed" : "against the same chip without skipping",
                 meaningOf("dense_cycles")[1]),
        makeTile("Energy", scaled(totals.energy_pj, "pJ"), energyDetail, meaningOf("energy_pj")[1]),
        makeTile("Energy on chip", scaled(totals.energy_pj_on_chip, "pJ"),
                 percent(ratio(totals.energy_pj_on_chip, totals.energy_pj)) + " of all; the rest is DRAM",
                 meaningOf("energy_pj_on_chip")[1]),
        makeTile("Power", scaled(totals.power_mw, "mW"), "DRAM included", meaningOf("power_mw")[1]),
        makeTile("DRAM traffic", scaled(totals.dram_bytes, "bytes"), plain(totals.dram_bytes) + " bytes",
                 meaningOf("dram_bytes")[1]),
        makeTile("Multiplies issued", percent(ratio(totals.macs.issued, totals.macs.dense_all_samples)),
                 `of ${scaled(totals.macs.dense_all_samples, "")} dense; ` +
                 percent(ratio(totals.macs.effectual, totals.macs.dense_all_samples)) + " are effectual",
                 meaningOf("macs.issued")[1]),
        makeTile("PE utilisation", percent(ratio(totals.pe_cycles.mac, peTotal)),
                 `useful work of ${plain(result.processing_elements)} PEs`, meaningOf("pe_cycles.mac")[1]),
    ]);
}

/// A row for each number, a column for each stage: five columns fit on paper and on a phone.
function stageTable(result) {
    const stages = stagesOf(result);
    const metrics = [["cycles", "cycles"], ["dense_cycles", "cycles without skipping"], ["time_s", "time"],
                     ["energy_pj", "energy"], ["energy_pj_on_chip", "energy on chip"], ["power_mw", "power"],
                     ["macs.dense_all_samples", "dense multiplies"], ["macs.effectual", "effectual multiplies"],
                     ["macs.issued", "issued multiplies"], ["dram_bytes", "DRAM traffic"], ["rows", "rows"]];
    const find = (totals, metric) => metric.split(".").reduce((part, name) => part[name], totals);
    const columns = [textColumn("Number"), textColumn("Unit")].concat(
        stages.map(([name]) => numberColumn(name, "", kStageMeanings.get(name) || "sum of all stages")));
    const rows = metrics.map(([metric, title]) =>
        [title, meaningOf(metric)[0]].concat(stages.map(([, totals]) => find(totals, metric))));
    rows.splice(2, 0, ["speed-up", ""].concat(stages.map(([, totals]) => ratio(totals.dense_cycles, totals.cycles))));
    return new Table("Totals by stage", columns, rows).element;
}

function estimatesTable(result) {
    const rows = [];
    const methods = new Set();
    for (const [scope, metrics] of Object.entries(result.estimates)) {
        for (const [metric, estimate] of Object.entries(metrics)) {
            rows.push([scope === "run" ? "whole training run" : scope, metric, scaled(estimate.value, meaningOf(metric)[0]),
                       scaled(estimate.low, meaningOf(metric)[0]), scaled(estimate.high, meaningOf(metric)[0])]);
            methods.add(estimate.method);
        }
    }
    return rows.length === 0 ? null : make("div", {}, make("h3", {}, "Estimates for more than was simulated"),
        new Table("Estimates", ["Of", "metric", "value", "low", "high"].map((title) => textColumn(title)), rows).element,
        [...methods].map((method) => make("p", {class: "note"}, "Method: " + method + ".")));
}

/// Every row of the result, with every number that the page has of it.
function rowsTable(rows) {
    const {result} = rows;
    const names = result.columns;
    const order = ["layer", "stage"].concat(names.filter((name) => name !== "layer" && name !== "stage"));
    const columns = order.map((name) => rows.index.get(name) < rows.textColumns ? textColumn(name) :
        numberColumn(name, meaningOf(name)[0], meaningOf(name)[1]));
    const values = rows.all.map((row) => order.map((name) =>
        rows.index.get(name) < rows.textColumns ? rows.text(row, name) : rows.number(row, name)));
    return new Table("All rows", columns, values).element;
}

function originFacts(result) {
    const {selection} = result;
    const parts = [["iterations", selection.iterations], ["layers", selection.layers], ["stages", selection.stages.join(", ")]]
        .filter(([, value]) => value !== "").map(([name, value]) => `${name} ${value}`);
    const code = (text) => make("code", {}, text);
    const facts = [
        ["Result", code(result.path)],
        ["skipsim", make("span", {}, `${result.skipsim.version}, revision `, code(result.skipsim.revision))],
        ["Engine", result.engine],
        ["Selection", parts.length === 0 ? "everything in the traces" : parts.join("; ") + " (started cold)"],
        ["Seed", String(result.seed)],
        ["Energy table", make("span", {}, `${result.energy_table.name}, scaled by ${result.energy_table.scale_factor}, sha256 `,
                              code(result.energy_table.sha256))],
        ["Memory", result.memory_file === null ? "ideal" :
            make("span", {}, result.memory_file.name + ", sha256 ", code(result.memory_file.sha256))],
        ["Unlimited", result.ideal.length === 0 ? "nothing" : result.ideal.join(", ")],
    ];
    for (const trace of result.trace) {
        facts.push(["Trace", make("span", {}, code(trace.path), ` (${trace.network} on ${trace.dataset}, iterations ` +
                                  trace.iterations.join(", ") + "), sha256 ", code(trace.sha256))]);
    }
    return makeFacts(facts);
}

function tableFold(title, columns, rows) {
    return makeFold(title, (fold) => fold.append(new Table(title, columns.map((name) => textColumn(name)), rows).element));
}

function origin(result) {
    const guesses = result.assumptions.filter(([, , , status]) => status === "assumption").length;
    return make("div", {}, make("h3", {}, "What this result rests on"), originFacts(result),
        tableFold(`Where values come from (${plain(result.assumptions.length)}, ${plain(guesses)} of them assumptions)`,
                  ["Key", "Value", "Source", "Status"], result.assumptions),
        tableFold(`Configuration (${plain(result.config.length)} values)`, ["Key", "Value"], result.config),
        result.blocks.length > 0 ? tableFold("Further blocks", ["Key", "Value"], result.blocks) : null,
        result.values.length > 0 ? tableFold("Values compared with oneDNN", ["Key", "Value"], result.values) : null,
        make("h3", {}, "Not modelled"),
        result.not_modelled.length === 0 ? make("p", {}, "Every operator of the traces has a cost here.") :
            make("div", {}, make("p", {}, "These operators of the traces cost nothing here:"), makeList(result.not_modelled)));
}

function layerPart(result) {
    const rows = new Rows(result);
    const figures = layerFigures(rows);
    const coverage = make("p", {class: "note", "aria-live": "polite"}, rows.coverage());
    const update = (name) => (value) => {
        rows[name] = value;
        coverage.textContent = rows.coverage();
        figures.forEach((figure) => figure.update());
    };
    const controls = make("div", {class: "controls wide", role: "group", "aria-label": "Rows of the charts per layer"},
        makeChoice("Iterations", [["all", `all ${rows.iterations.length} (sum)`]].concat(rows.iterations), "all",
                   update("iteration")),
        makeChoice("Bars", [["multiplies", `layers that multiply (${rows.multiplying.size})`],
                            ["all", "all operators"], ["kinds", "kinds of operators"]],
                   rows.layers, update("layers")));
    return make("div", {}, make("h3", {}, "Layer by layer"), controls, coverage, figures.map(({element}) => element),
                makeFold(`Table: all ${plain(result.rows.length)} rows`, (fold) => fold.append(rowsTable(rows))));
}

function resultPart(result, id) {
    const config = new Map(result.config);
    const networks = [...new Set(result.trace.map(({network, dataset}) => `${network} on ${dataset}`))].join(", ");
    return make("section", {id, class: "part"}, make("h2", {}, result.label),
        make("p", {class: "subtitle"}, `${networks} · chip ${config.get("name") || ""} · ${result.engine} engine`),
        make("p", {class: "note"}, String(config.get("description") || "")),
        headline(result), makeNotice("Warnings", result.warnings), stageTable(result),
        make("h3", {}, "Stage by stage"),
        [stageCyclesFigure, energyFigure, peStageFigure, unitsFigure].map((figure) => figure(result).element),
        layerPart(result), estimatesTable(result), origin(result));
}
