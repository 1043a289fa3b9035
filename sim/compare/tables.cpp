// SPDX-License-Identifier: Apache-2.0
#include "sim/compare/tables.h"

#include "sim/compare/numbers.h"
#include "sim/compare/text.h"
#include "sim/stats/text_table.h"

#include <algorithm>
#include <utility>

namespace skipsim::compare {
namespace {

constexpr std::size_t kLabelWidth = 22;
constexpr std::size_t kLeastName = 8;
constexpr std::size_t kValueWidth = 40;  ///< of a value of the configuration
constexpr std::size_t kIndent = 2;

std::string label(const std::string& text) {
    return shortened(clean(text), kLabelWidth);
}

std::size_t width_of_lines(const std::string& text) {
    std::size_t widest = 0;
    for (std::size_t start = 0; start < text.size();) {
        const std::size_t end = std::min(text.find('\n', start), text.size());
        widest = std::max(widest, width_of(text.substr(start, end - start)));
        start = end + 1;
    }
    return widest;
}

/// Lines that stand below each other, with what stands to their left.
struct Section {
    std::string title;  ///< "" = none
    std::vector<std::pair<std::string, const Line*>> rows;
};

bool is_zero(const Line& line) {
    return std::all_of(line.cells.begin(), line.cells.end(),
                       [](const Cell& cell) { return !cell.value || *cell.value == 0.0; });
}

/// A section for each metric; one in all if there is one item only.
std::vector<Section> sections_of(const Comparison& comparison) {
    const std::vector<Line>& lines = comparison.lines;
    const bool has_one_item = std::all_of(lines.begin(), lines.end(), [&](const Line& line) {
        return line.item == lines.front().item;
    });
    std::vector<Section> sections;
    for (const Line& line : lines) {
        if (is_zero(line)) {
            continue;
        }
        const std::string title = has_one_item ? "" : line.metric;
        auto section =
            std::find_if(sections.begin(), sections.end(),
                         [&](const Section& candidate) { return candidate.title == title; });
        if (section == sections.end()) {
            section = sections.insert(section, {title, {}});
        }
        section->rows.emplace_back(clean(has_one_item ? line.metric : line.item), &line);
    }
    return sections;
}

/// How much room columns get.
struct Layout {
    std::size_t name_width = 0;
    std::size_t label_width = kLabelWidth;
    bool has_difference = true;
};

/// The baseline and some of the others.
std::string block(const Section& section, const Comparison& comparison,
                  const std::vector<std::size_t>& others, const Layout& layout) {
    stats::TextTable table;
    const auto head = [&](std::size_t index) {
        return shortened(clean(comparison.labels[index]), layout.label_width);
    };
    std::vector<std::string> first{shortened(section.title, layout.name_width),
                                   head(comparison.baseline)};
    for (const std::size_t other : others) {
        first.push_back(head(other));
        if (layout.has_difference) {
            first.emplace_back("difference");
        }
        first.insert(first.end(), {"percent", "ratio"});
    }
    table.add_row(first);
    for (const auto& [name, line] : section.rows) {
        const std::string& unit = line->unit;
        std::vector<std::string> row{shortened(name, layout.name_width),
                                     value_text(line->cells[comparison.baseline].value, unit)};
        for (const std::size_t other : others) {
            const Cell& cell = line->cells[other];
            row.push_back(value_text(cell.value, unit));
            if (layout.has_difference) {
                row.push_back(difference_text(cell.difference, unit));
            }
            row.insert(row.end(), {percent_text(cell.percent), ratio_text(cell.ratio)});
        }
        table.add_row(row);
    }
    return table.text();
}

std::size_t widest_name(const Section& section) {
    std::size_t widest = std::max(kLeastName, width_of(section.title));
    for (const auto& [name, line] : section.rows) {
        widest = std::max(widest, width_of(name));
    }
    return widest;
}

/// For one result beside the baseline: narrower labels before narrower names, the difference last.
Layout narrow_layout(const Section& section, const Comparison& comparison, std::size_t other,
                     std::size_t width) {
    constexpr std::size_t kGoodName = 20;
    const std::size_t wanted = std::min(widest_name(section), kGoodName);
    Layout layout;
    for (const Layout& candidate :
         {Layout{kLeastName, kLabelWidth, true}, Layout{kLeastName, 14, true},
          Layout{kLeastName, 10, true}, Layout{kLeastName, 10, false}}) {
        layout = candidate;
        const std::size_t taken = width_of_lines(block(section, comparison, {other}, layout));
        layout.name_width = width > taken ? kLeastName + width - taken : kLeastName;
        if (taken <= width && layout.name_width >= wanted) {
            break;
        }
    }
    return layout;
}

/// As many results beside each other as the width allows.
std::string blocks(const Section& section, const Comparison& comparison, std::size_t width) {
    std::vector<std::size_t> others;
    for (std::size_t index = 0; index < comparison.labels.size(); ++index) {
        if (index != comparison.baseline) {
            others.push_back(index);
        }
    }
    Layout wide;
    wide.name_width = widest_name(section);
    std::string text;
    while (!others.empty()) {
        std::vector<std::size_t> beside{others.front()};
        std::string part = block(section, comparison, beside, wide);
        while (beside.size() < others.size()) {
            beside.push_back(others[beside.size()]);
            std::string wider = block(section, comparison, beside, wide);
            if (width_of_lines(wider) > width) {
                beside.pop_back();
                break;
            }
            part = std::move(wider);
        }
        if (width_of_lines(part) > width) {
            part = block(section, comparison, beside,
                         narrow_layout(section, comparison, beside.front(), width));
        }
        text += (text.empty() ? "" : "\n") + part;
        others.erase(others.begin(), others.begin() + static_cast<std::ptrdiff_t>(beside.size()));
    }
    return text;
}

/// "core.rows: 8 in a, b; 16 in c"
std::string difference_line(const ConfigDifference& difference,
                            const std::vector<std::string>& labels) {
    std::vector<std::pair<std::string, std::string>> groups;
    for (std::size_t index = 0; index < labels.size(); ++index) {
        const std::string& value = difference.values[index];
        const auto known = std::find_if(groups.begin(), groups.end(),
                                        [&](const auto& group) { return group.first == value; });
        if (known == groups.end()) {
            groups.emplace_back(value, label(labels[index]));
        } else {
            known->second += ", " + label(labels[index]);
        }
    }
    std::string text = clean(difference.key) + ": ";
    for (const auto& [value, of] : groups) {
        const std::string shown = value.empty() ? "nothing" : shortened(clean(value), kValueWidth);
        text += (&value == &groups.front().first ? "" : "; ") + shown + " in " + of;
    }
    return text;
}

std::string head(const Comparison& comparison, std::size_t width) {
    std::string text;
    for (const std::string& warning : comparison.warnings) {
        text += wrapped("warning: " + clean(warning), width, kIndent);
    }
    text += text.empty() ? "" : "\n";
    stats::TextTable results;
    for (std::size_t index = 0; index < comparison.labels.size(); ++index) {
        constexpr std::size_t kLeftOfPath = kLabelWidth + 12;  // "baseline", two gaps
        results.add_row({index == comparison.baseline ? "baseline" : "result",
                         label(comparison.labels[index]),
                         shortened(clean(comparison.paths[index]), width - kLeftOfPath)});
    }
    text += results.text(3);
    if (!comparison.config_differences.empty()) {
        text += "\ndifferent in the configurations\n";
    }
    for (const ConfigDifference& difference : comparison.config_differences) {
        if (difference.key == "description") {
            continue;  // as long as a sentence, and the name says it shorter
        }
        text += wrapped("  " + difference_line(difference, comparison.labels), width, 2 * kIndent);
    }
    return text;
}

}  // namespace

std::string table_of(const Comparison& comparison, std::size_t width) {
    width = std::max(width, kLeastWidth);
    std::string text = head(comparison, width);
    for (const Section& section : sections_of(comparison)) {
        text += '\n' + blocks(section, comparison, width);
    }
    return text;
}

}  // namespace skipsim::compare
