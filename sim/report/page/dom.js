// SPDX-License-Identifier: Apache-2.0
// Making elements. Text is always a text node.

function make(tag, attributes, ...children) {
    const element = document.createElement(tag);
    for (const [name, value] of Object.entries(attributes || {})) {
        if (value !== null && value !== undefined && value !== false) {
            element.setAttribute(name, value === true ? "" : String(value));
        }
    }
    add(element, children);
    return element;
}

function add(element, children) {
    for (const child of children) {
        if (Array.isArray(child)) {
            add(element, child);
        } else if (child !== null && child !== undefined && child !== "") {
            element.append(child instanceof Node ? child : document.createTextNode(String(child)));
        }
    }
}

function makeButton(text, action, attributes) {
    const button = make("button", {type: "button", ...attributes}, text);
    button.addEventListener("click", action);
    return button;
}

/// A labelled list to choose from. options: [[value, text], …]
function makeChoice(label, options, initial, onChange) {
    const select = make("select", {}, options.map(([value, text]) =>
        make("option", {value, selected: value === initial}, text)));
    select.addEventListener("change", () => onChange(select.value));
    const element = make("label", {class: "choice"}, make("span", {}, label), select);
    element.select = select;
    return element;
}

function setOptions(choice, options, chosen) {
    choice.select.replaceChildren(...options.map(([value, text]) =>
        make("option", {value, selected: value === chosen}, text)));
}

/// A part that is filled when it is opened for the first time.
function makeFold(title, fill) {
    const fold = make("details", {class: "fold"}, make("summary", {}, title));
    let isFilled = false;
    fold.addEventListener("toggle", () => {
        if (fold.open && !isFilled) {
            isFilled = true;
            fill(fold);
        }
    });
    return fold;
}

function makeList(texts, className) {
    return make("ul", {class: className}, texts.map((text) => make("li", {}, text)));
}

/// Terms and what they are: [[term, text or element], …]
function makeFacts(pairs) {
    return make("dl", {class: "facts"}, pairs.map(([term, text]) =>
        make("div", {}, make("dt", {}, term), make("dd", {}, text))));
}

function makeNotice(title, texts) {
    return texts.length === 0 ? null :
        make("section", {class: "notice", "aria-label": title}, make("h3", {}, title), makeList(texts));
}
