// SPDX-License-Identifier: Apache-2.0
// The rows of one result, and their sums over what a reader leaves out: iterations, or layers of
// one kind.

const kStages = ["FF", "BP", "WG", "WU"];
const kStageMeanings = new Map([["FF", "feed-forward"], ["BP", "error back-propagation"], ["WG", "weight gradient"],
                                ["WU", "weight update"]]);
const kSkipCauses = [
    ["macs.skipped.input", "input is zero", ["#56B4E9"]], ["macs.skipped.weight_fine", "weight is zero", ["#E69F00"]],
    ["macs.skipped.weight_coarse", "coarse run of weights", ["#D55E00"]],
    ["macs.skipped.output", "result not needed", ["#CC79A7"]], ["macs.skipped.sample", "sample left out", [kGrey]]];

class Rows {
    constructor(result) {
        this.result = result;
        this.index = new Map(result.columns.map((name, index) => [name, index]));
        this.textColumns = result.text_columns;
        this.iteration = "all";
        this.all = result.rows;
        const networks = new Set(this.all.map((row) => row[this.index.get("network")]));
        this.hasNetworks = networks.size > 1;
        this.iterations = this.findIterations();
        this.multiplying = new Set(this.all.filter((row) => this.number(row, "macs.dense_all_samples") > 0)
                                       .map((row) => this.layerKey(row)));
        this.layers = this.multiplying.size > 0 ? "multiplies" : "all";
    }

    text(row, column) {
        return this.result.texts[row[this.index.get(column)]];
    }

    number(row, column) {
        return row[this.index.get(column)];
    }

    layerKey(row) {
        return this.text(row, "network") + "\n" + this.text(row, "layer");
    }

    layerName(row) {
        return (this.hasNetworks ? this.text(row, "network") + "/" : "") + this.text(row, "layer");
    }

    /// [[key, name], …] of each iteration of each trace.
    findIterations() {
        const found = new Map();
        const traces = new Set(this.all.map((row) => this.text(row, "trace")));
        for (const row of this.all) {
            const trace = this.text(row, "trace");
            const number = this.number(row, "iteration");
            const name = traces.size > 1 ? `${number} of ${fileName(trace)}` : String(number);
            found.set(number + "\n" + trace, name);
        }
        return [...found];
    }

    /// The rows of the chosen iterations.
    chosen() {
        return this.iteration === "all" ? this.all : this.all.filter((row) =>
            this.number(row, "iteration") + "\n" + this.text(row, "trace") === this.iteration);
    }

    /// Bars of the charts per layer: [{name, stages: Map stage -> sums}], in network order.
    bars() {
        const groups = new Map();
        for (const row of this.chosen()) {
            if (this.layers === "multiplies" && !this.multiplying.has(this.layerKey(row))) {
                continue;
            }
            const isKind = this.layers === "kinds";
            const key = isKind ? this.text(row, "kind") : this.layerKey(row);
            if (!groups.has(key)) {
                groups.set(key, {name: isKind ? key : this.layerName(row), kind: this.text(row, "kind"), stages: new Map()});
            }
            this.addTo(groups.get(key).stages, this.text(row, "stage"), row);
        }
        return [...groups.values()];
    }

    /// How much of the cycles of the chosen iterations the bars stand for.
    coverage() {
        const shown = this.bars().reduce((sum, bar) => sum + this.sum(bar, "all", "cycles"), 0);
        const all = this.chosen().reduce((sum, row) => sum + this.number(row, "cycles"), 0);
        return `The bars stand for ${percent(ratio(shown, all))} of the ${plain(all)} cycles` +
            (this.layers === "multiplies" ? "; the rest are operators that do not multiply." : ".");
    }

    addTo(groups, key, row) {
        if (!groups.has(key)) {
            groups.set(key, new Array(row.length).fill(0));
        }
        const sums = groups.get(key);
        for (let column = this.textColumns; column < row.length; ++column) {
            sums[column] = row[column] === null || sums[column] === null ? null : sums[column] + row[column];
        }
    }

    /// Sum of a column over the stages of a bar; "all" or one stage.
    sum(bar, stage, column) {
        const at = this.index.get(column);
        let total = 0;
        for (const [name, sums] of bar.stages) {
            total += stage === "all" || stage === name ? sums[at] || 0 : 0;
        }
        return total;
    }

    /// Bars and values of a column, one series per stage.
    byStage(column) {
        const bars = this.bars();
        return {
            labels: bars.map(({name}) => name),
            unit: meaningOf(column)[0],
            series: kStages.map((stage) => ({
                name: stage, meaning: kStageMeanings.get(stage), colour: [kStageColours.get(stage)],
                values: bars.map((bar) => this.sum(bar, stage, column)),
            })),
        };
    }

    /// Where the cycles of the PEs went, one bar per layer.
    peCycles(stage) {
        const bars = this.bars().filter((bar) => stage === "all" || bar.stages.has(stage));
        return {
            labels: bars.map(({name}) => name), unit: "PE cycles",
            series: peSeries((category) => bars.map((bar) => this.sum(bar, stage, "pe_cycles." + category))),
        };
    }

    /// What became of every multiply of a layer, samples left out included.
    sparsity(stage) {
        const bars = this.bars().filter((bar) => this.sum(bar, stage, "macs.dense_all_samples") > 0);
        const values = (column) => bars.map((bar) => this.sum(bar, stage, column));
        const effectual = values("macs.effectual");
        const useless = values("macs.issued").map((issued, bar) => issued - effectual[bar]);
        const skipped = kSkipCauses.map(([column, name, colour]) =>
            ({name: "skipped: " + name, meaning: meaningOf(column)[1], colour, values: values(column)}));
        return {
            labels: bars.map(({name}) => name), unit: "multiplies",
            series: [{name: "effectual", meaning: meaningOf("macs.effectual")[1], colour: ["#009E73"], values: effectual},
                     {name: "issued in vain", meaning: "issued, though an operand is zero or the result is not needed",
                      colour: ["#F0E442"], values: useless}].concat(skipped),
        };
    }
}

/// One series for each category; values(category) gives those of the bars.
function peSeries(values) {
    return data.pe_categories.map((category) => ({
        name: category, meaning: meaningOf("pe_cycles." + category)[1],
        colour: kPeColours.get(category) || [kGrey, true], values: values(category),
    }));
}
