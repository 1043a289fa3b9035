// SPDX-License-Identifier: Apache-2.0
// A resolved configuration: every parameter of the catalogue has a checked value, nothing is
// optional any more, and nothing changes afterwards. The energy table is named here, not read.
#pragma once

#include "sim/config/parameter.h"

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace skipsim::config {

/// Where a value comes from, as the configuration file says it.
struct Assumption {
    std::string path;    ///< parameter
    std::string status;  ///< "published", "derived" or "assumption"
    std::string source;  ///< one sentence
};

class Config {
public:
    /// Reads a file, applies overrides ("key.path=value", the text of --set) and checks everything.
    /// Throws InputError with every problem at once, in the order file, overrides, rules.
    static Config load(const std::string& path, const std::vector<std::string>& overrides = {});

    /// The same from text; `file_name` stands in messages and is what energy.table is relative to.
    static Config from_text(const std::string& text, const std::string& file_name,
                            const std::vector<std::string>& overrides = {});

    // Values by path. An unknown path or the wrong type is a bug: InternalError.
    [[nodiscard]] std::uint64_t whole(std::string_view path) const;  ///< `unlimited` reads as 0
    [[nodiscard]] double real(std::string_view path) const;
    [[nodiscard]] bool flag(std::string_view path) const;
    [[nodiscard]] const std::string& text(std::string_view path) const;  ///< text and choice

    /// In catalogue order.
    [[nodiscard]] const std::vector<Value>& values() const noexcept { return values_; }
    /// In catalogue order; values given by --set are among them.
    [[nodiscard]] const std::vector<Assumption>& assumptions() const noexcept {
        return assumptions_;
    }
    /// energy.table as a path that can be opened from the current folder.
    [[nodiscard]] std::string energy_table_path() const;
    /// memory.dram in the same way; "" with an ideal memory.
    [[nodiscard]] std::string memory_file_path() const;
    /// A bus carries any number of values and bits in a cycle: reports say "ideal delivery".
    [[nodiscard]] bool has_ideal_delivery() const;

private:
    Config(std::vector<Value> values, std::vector<Assumption> assumptions, std::string folder,
           std::set<std::string> typed)
        : values_(std::move(values)),
          assumptions_(std::move(assumptions)),
          folder_(std::move(folder)),
          typed_(std::move(typed)) {}
    [[nodiscard]] const Value& value(std::string_view path) const;
    [[nodiscard]] std::string file_path(const std::string& key) const;

    std::vector<Value> values_;
    std::vector<Assumption> assumptions_;
    std::string folder_;           ///< of the configuration file
    std::set<std::string> typed_;  ///< file keys given by --set
};

}  // namespace skipsim::config
