// SPDX-License-Identifier: Apache-2.0
// Questions to a sweep, for the metrics that the reader chose.

const kHigherIsBetter = new Set(["utilisation", "speedup"]);

function isHigherBetter(metric) {
    return kHigherIsBetter.has(metric);
}

/// Positions of the points that no other dominates (at least as good in both, better in one).
/// points: [[x, y], …]; signs: 1 if less is better, -1 if more is.
function paretoFront(points, signs) {
    const order = points.map((_, index) => index).filter((index) => points[index].every(isNumber));
    const cost = (index, which) => signs[which] * points[index][which];
    order.sort((a, b) => cost(a, 0) - cost(b, 0) || cost(a, 1) - cost(b, 1) || a - b);
    const front = [];
    let best = Infinity;         // y of all points with a smaller x
    let start = 0;               // first point with this x
    for (let at = 0; at < order.length; ++at) {
        if (cost(order[at], 0) !== cost(order[start], 0)) {
            best = Math.min(best, cost(order[start], 1));
            start = at;
        }
        if (cost(order[at], 1) === cost(order[start], 1) && cost(order[at], 1) < best) {
            front.push(order[at]);
        }
    }
    return front;
}

function meanOf(values) {
    return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/// How one axis moves a metric: the lowest and the highest mean over its values, and the share of
/// the variance between them (sum of squares between the values over the total sum of squares).
function effectOf(settings, values) {
    const groups = new Map();
    values.forEach((value, index) => {
        const setting = settings[index];
        if (isNumber(value) && setting !== null) {
            groups.set(setting, (groups.get(setting) || []).concat([value]));
        }
    });
    if (groups.size < 2) {
        return null;
    }
    const known = [].concat(...groups.values());
    const middle = meanOf(known);
    const means = [...groups].map(([setting, members]) => ({setting, size: members.length, mean: meanOf(members)}));
    const between = means.reduce((sum, {size, mean}) => sum + size * (mean - middle) ** 2, 0);
    const total = known.reduce((sum, value) => sum + (value - middle) ** 2, 0);
    means.sort((a, b) => a.mean - b.mean);
    return {levels: groups.size, lowest: means[0], highest: means[means.length - 1], share: total > 0 ? between / total : 0};
}
