// SPDX-License-Identifier: Apache-2.0
// Light and dark, and the colours of the charts. The colours can be told apart with each common
// kind of colour blindness (Okabe and Ito's set); those that come back are hatched.

const kColours = ["#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#7A5195"];
const kGrey = "#A3A9AF";
const kStageColours = new Map([["FF", "#0072B2"], ["BP", "#E69F00"], ["WG", "#009E73"], ["WU", "#CC79A7"]]);
const kStageShapes = new Map([["FF", "circle"], ["BP", "triangle"], ["WG", "rect"], ["WU", "crossRot"]]);
const kPeColours = new Map([
    ["mac", ["#009E73"]], ["ineffectual", ["#F0E442"]], ["empty_chunk", ["#56B4E9"]], ["wait_memory", ["#D55E00"]],
    ["wait_weight", ["#E69F00"]], ["wait_sibling", ["#CC79A7"]], ["wait_operand", ["#0072B2"]],
    ["wait_drain", ["#7A5195"]], ["wait_link", ["#D55E00", true]], ["wait_compensator", ["#E69F00", true]],
    ["idle", [kGrey]]]);

const theme = {choice: "automatic", isPrinting: false, listeners: []};
const darkQuery = window.matchMedia("(prefers-color-scheme: dark)");

function isDark() {
    return !theme.isPrinting && (theme.choice === "dark" || (theme.choice === "automatic" && darkQuery.matches));
}

function applyTheme() {
    document.documentElement.setAttribute("data-theme", isDark() ? "dark" : "light");
    document.getElementById("theme").textContent = "Theme: " + theme.choice;
    theme.listeners.forEach((listener) => listener());
}

function startTheme() {
    const next = {automatic: "light", light: "dark", dark: "automatic"};
    document.getElementById("theme").addEventListener("click", () => {
        theme.choice = next[theme.choice];
        applyTheme();
    });
    darkQuery.addEventListener("change", applyTheme);
    applyTheme();
}

function styleColour(name) {
    return getComputedStyle(document.documentElement).getPropertyValue(name).trim();
}

/// A colour, or the same colour in stripes.
function fillOf(colour, isHatched) {
    if (!isHatched) {
        return colour;
    }
    const tile = make("canvas", {width: 8, height: 8});
    const pen = tile.getContext("2d");
    pen.fillStyle = colour;
    pen.fillRect(0, 0, 8, 8);
    pen.strokeStyle = styleColour("--paper");
    pen.lineWidth = 2;
    pen.beginPath();
    for (const shift of [-8, 0, 8]) {
        pen.moveTo(shift - 1, 9);
        pen.lineTo(shift + 9, -1);
    }
    pen.stroke();
    return pen.createPattern(tile, "repeat");
}

/// [colour, is hatched] for the n-th of many.
function colourNumber(index) {
    return [kColours[index % kColours.length], index >= kColours.length];
}
