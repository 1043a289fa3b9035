// SPDX-License-Identifier: Apache-2.0
// Tables that can be sorted by each column, filtered, and turned page by page: only the rows in
// sight are in the document, so thousands of rows are as quick as ten.

const kRowsPerPage = 50;

/// Numbers by size, texts with the numbers in them by size; what is missing comes last either way.
const collator = new Intl.Collator("en", {numeric: true});

function compareValues(a, b, sign) {
    const isMissingA = a === null || a === undefined || a === "";
    const isMissingB = b === null || b === undefined || b === "";
    if (isMissingA || isMissingB) {
        return (isMissingA ? 1 : 0) - (isMissingB ? 1 : 0);
    }
    return sign * (typeof a === "number" && typeof b === "number" ? a - b :
                   collator.compare(String(a), String(b)));
}

/// columns: {title, unit, meaning, isNumber, show(value) -> text}; a row is an array of values.
class Table {
    constructor(name, columns, rows, options = {}) {
        this.name = name;
        this.options = options;
        this.page = 0;
        this.sortColumn = -1;
        this.isDescending = false;
        this.words = [];
        this.head = make("thead");
        this.body = make("tbody");
        this.status = make("span", {class: "status", "aria-live": "polite"});
        this.box = make("div", {class: "scroll", tabindex: "0", role: "region", "aria-label": name},
                        make("table", {}, make("caption", {class: "hidden"}, name), this.head, this.body));
        this.tools = make("div", {class: "tools"});
        this.element = make("div", {class: "table"}, this.tools, this.box);
        this.makeTools();
        this.setContent(columns, rows);
    }

    makeTools() {
        this.filter = make("input", {type: "search", size: 26, placeholder: "Filter: text or column=value", "aria-label": "Filter " + this.name});
        this.filter.addEventListener("input", () => {
            this.words = this.filter.value.toLowerCase().split(/\s+/).filter((word) => word !== "");
            this.page = 0;
            this.refresh();
        });
        this.back = makeButton("Previous", () => this.turn(-1));
        this.forth = makeButton("Next", () => this.turn(1));
        add(this.tools, [this.filter, this.back, this.forth, this.status]);
    }

    setContent(columns, rows) {
        this.columns = columns;
        this.rows = rows;
        this.searchTexts = null;
        this.page = 0;
        this.headers = columns.map((column, index) => this.makeHeader(column, index));
        this.head.replaceChildren(make("tr", {}, this.headers));
        if (this.sortColumn >= columns.length) {
            this.sortColumn = -1;
        }
        this.tools.classList.toggle("hidden", rows.length <= 12);
        this.refresh();
    }

    makeHeader(column, index) {
        const button = makeButton(column.title, () => this.sortBy(index), {title: column.meaning || null});
        add(button, [column.unit ? make("span", {class: "unit"}, " [" + column.unit + "]") : "",
                     make("span", {class: "arrow", "aria-hidden": "true"})]);
        return make("th", {scope: "col", "aria-sort": "none", class: column.isNumber ? "number" : null}, button);
    }

    /// Numbers start with the largest, texts with the first.
    sortBy(index) {
        const isFirstClick = this.sortColumn !== index;
        this.isDescending = isFirstClick ? Boolean(this.columns[index].isNumber) : !this.isDescending;
        this.sortColumn = index;
        this.page = 0;
        this.refresh();
    }

    turn(step) {
        this.page += step;
        this.refresh();
    }

    /// Brings the row that has this object into sight.
    reveal(row) {
        const position = this.shown.indexOf(row);
        if (position >= 0) {
            this.page = Math.floor(position / kRowsPerPage);
            this.refresh();
        }
    }

    /// Every word is somewhere in the row; "core.rows=8" asks for that value in that column.
    isWanted(index) {
        return this.words.every((word) => {
            const column = this.columns.findIndex(({title}) => word.startsWith(title.toLowerCase() + "="));
            return column < 0 ? this.searchTexts[index].includes(word) :
                String(this.rows[index][column]).toLowerCase() === word.slice(this.columns[column].title.length + 1);
        });
    }

    refresh() {
        if (this.words.length > 0 && this.searchTexts === null) {
            this.searchTexts = this.rows.map((row) => row.join(" ").toLowerCase());
        }
        this.shown = this.words.length === 0 ? this.rows.slice() :
            this.rows.filter((row, index) => this.isWanted(index));
        if (this.sortColumn >= 0) {
            const sign = this.isDescending ? -1 : 1;
            this.shown.sort((a, b) => compareValues(a[this.sortColumn], b[this.sortColumn], sign));
        }
        const pages = Math.max(1, Math.ceil(this.shown.length / kRowsPerPage));
        this.page = Math.min(Math.max(this.page, 0), pages - 1);
        this.draw(pages);
    }

    draw(pages) {
        const first = this.page * kRowsPerPage;
        const rows = this.shown.slice(first, first + kRowsPerPage);
        this.body.replaceChildren(...rows.map((row) => this.makeRow(row)));
        this.headers.forEach((header, index) => {
            const isSorted = index === this.sortColumn;
            header.setAttribute("aria-sort", !isSorted ? "none" : this.isDescending ? "descending" : "ascending");
        });
        this.back.disabled = this.page === 0;
        this.forth.disabled = this.page >= pages - 1;
        this.back.hidden = this.forth.hidden = pages === 1;
        const total = this.rows.length === this.shown.length ? "" : " (of " + plain(this.rows.length) + ")";
        this.status.textContent = this.shown.length === 0 ? "no row" + total : pages === 1 ?
            count(this.shown.length, "row", "rows") + total :
            `${plain(first + 1)}–${plain(first + rows.length)} of ${plain(this.shown.length)}${total}`;
    }

    makeRow(row) {
        const mark = this.options.markOf ? this.options.markOf(row) : "";
        return make("tr", {class: mark || null}, this.columns.map((column, index) => {
            const value = row[index];
            const text = column.show ? column.show(value) : typeof value === "number" ? plain(value) :
                value === null || value === undefined ? "–" : String(value);
            return make(index === 0 ? "th" : "td",
                        {scope: index === 0 ? "row" : null, class: column.isNumber ? "number" : null,
                         "data-value": typeof value === "number" ? value : null}, text);
        }));
    }
}

function textColumn(title, meaning) {
    return {title, meaning};
}

function numberColumn(title, unit, meaning, show) {
    return {title, unit, meaning, isNumber: true, show};
}
