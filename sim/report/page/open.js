// SPDX-License-Identifier: Apache-2.0
// The scripts of the page are joined in the order that sim/report/CMakeLists.txt gives, inside one
// function (main.js closes it). Names that come out of the data are text: they reach the page
// through text nodes alone, and are keys of a Map, never of an object.
"use strict";
(() => {
const data = JSON.parse(document.getElementById("data").textContent);
