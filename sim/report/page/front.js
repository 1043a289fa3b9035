// SPDX-License-Identifier: Apache-2.0
// The Pareto front for the two metrics that the reader chose.

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
