// SPDX-License-Identifier: Apache-2.0
// Numbers and names as a reader wants to see them. Nothing depends on the reader's locale.

const kPrefixes = [[1e15, "P"], [1e12, "T"], [1e9, "G"], [1e6, "M"], [1e3, "k"], [1, ""], [1e-3, "m"],
                   [1e-6, "µ"], [1e-9, "n"], [1e-12, "p"], [1e-15, "f"]];
/// unit of a statistic -> [unit without prefix, factor to it]
const kBaseUnits = new Map([["pJ", ["J", 1e-12]], ["mW", ["W", 1e-3]], ["s", ["s", 1]], ["bytes", ["B", 1]],
                            ["pJ s", ["J s", 1e-12]], ["core cycles", ["cycles", 1]], ["share", ["", 1]]]);

function isNumber(value) {
    return typeof value === "number" && Number.isFinite(value);
}

function grouped(digits) {
    const [whole, fraction] = digits.split(".");
    const text = whole.replace(/\B(?=(\d{3})+$)/g, ",");
    return fraction === undefined ? text : text + "." + fraction;
}

/// Whole numbers in full, others with four significant digits.
function plain(value) {
    if (!isNumber(value)) {
        return "–";
    }
    const size = Math.abs(value);
    if (Number.isInteger(value) && size < 1e15) {
        return (value < 0 ? "−" : "") + grouped(String(size));
    }
    if (size >= 1e15 || size < 1e-3) {
        return (value < 0 ? "−" : "") + size.toPrecision(4).replace("-", "−");
    }
    const text = size >= 1000 ? size.toFixed(0) : size.toPrecision(4);
    return (value < 0 ? "−" : "") + grouped(text);
}

/// With a prefix: 17091720 "core cycles" is "17.09 M cycles", 7.65e10 "pJ" is "76.54 mJ".
function scaled(value, unit) {
    if (!isNumber(value)) {
        return "–";
    }
    const [symbol, factor] = kBaseUnits.get(unit) || [unit, 1];
    const amount = value * factor + 0;  // no negative zero
    const isSymbol = symbol.length <= 3 && symbol !== "";
    if (symbol === "s" && amount >= 120) {
        return duration(amount);
    }
    const found = kPrefixes.find(([size]) => Math.abs(amount) >= size * 0.9999999);
    const [size, prefix] = amount === 0 || !found || (!isSymbol && found[0] < 1) ? [1, ""] : found;
    const shown = amount / size;
    const digits = Number.isInteger(shown) && Math.abs(shown) < 1000 ? String(shown) : shown.toPrecision(4);
    const tail = isSymbol ? prefix + symbol : (prefix + " " + symbol).trim();
    return (digits + (tail ? " " + tail : "")).replace("-", "−");
}

/// Longer times than two minutes.
function duration(seconds) {
    const [size, unit] = seconds < 7200 ? [60, "min"] : seconds < 172800 ? [3600, "h"] : [86400, "days"];
    return (seconds / size).toPrecision(4) + " " + unit;
}

function percent(share) {
    if (!isNumber(share)) {
        return "–";
    }
    const amount = share * 100 + 0;  // no negative zero
    return (amount === 0 || Math.abs(amount) >= 99.95 ? grouped(amount.toFixed(0)) :
            Math.abs(amount) < 0.01 ? "<0.01" : amount.toPrecision(3)).replace("-", "−") + " %";
}

/// On an axis: no zeros that say nothing.
function tickText(value, unit) {
    return scaled(value, unit).replace(/\.(\d*?)0+(?= |$)/, (_, kept) => kept === "" ? "" : "." + kept);
}

function ratio(above, below) {
    return isNumber(above) && isNumber(below) && below !== 0 ? above / below : null;
}

/// The middle of a long name is the part that matters least.
function shortened(text, length) {
    if (text.length <= length) {
        return text;
    }
    const head = Math.ceil((length - 1) * 0.45);
    return text.slice(0, head) + "…" + text.slice(text.length - (length - 1 - head));
}

function fileName(path) {
    return path.slice(path.lastIndexOf("/") + 1);
}

function count(number, one, many) {
    return plain(number) + " " + (number === 1 ? one : many);
}

/// [unit, meaning] of a statistic; a sweep has some that a result lacks.
const kSweepMeanings = new Map([
    ["processing_elements", ["", "multipliers of the chip"]],
    ["utilisation", ["share", "useful multiplies of all cycles of all processing elements (mac of pe_cycles)"]],
    ["speedup", ["", "cycles of the same chip without skipping, divided by cycles"]],
    ["energy_delay_pj_s", ["pJ s", "energy_pj times time_s"]]]);

function meaningOf(metric) {
    if (metric === undefined) {
        return ["", ""];
    }
    if (Object.prototype.hasOwnProperty.call(data.meanings, metric)) {
        return data.meanings[metric];
    }
    if (metric.startsWith("energy_pj_by_component.")) {
        return ["pJ", "energy of the actions of this component"];
    }
    return kSweepMeanings.get(metric) || ["", ""];
}
