// SPDX-License-Identifier: Apache-2.0
// A YAML document as a tree in which every node knows its place in the file. Only what a settings
// file needs: one document, mappings with text keys, lists, scalars. Anchors, aliases and tags are
// refused, since an alias lets a few bytes stand for gigabytes and hides where a value came from.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace skipsim::base {

/// Where a node stands. Line and column count from 1; line 0 means "no place in a file" (a value
/// given on the command line) and is then left out of messages.
struct YamlMark {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

struct YamlEntry;

struct YamlNode {
    enum class Kind { kNull, kScalar, kList, kMapping };

    Kind kind = Kind::kNull;
    YamlMark mark;
    std::string origin;              ///< non-empty: stands in messages instead of the file's name
    std::string scalar;              ///< text of a scalar
    bool is_quoted = false;          ///< "12" rather than 12: text, never a number
    std::vector<YamlNode> items;     ///< of a list
    std::vector<YamlEntry> entries;  ///< of a mapping, in file order; a repeated key stands twice

    /// First entry of that key, or null.
    [[nodiscard]] const YamlNode* find(const std::string& key) const;
    [[nodiscard]] YamlNode* find(const std::string& key);
    /// What a person reads in a message: `"text"`, `nothing`, `a list of 3`, `a mapping`.
    [[nodiscard]] std::string description() const;
};

struct YamlEntry {
    std::string key;
    YamlMark mark;
    YamlNode value;
};

inline constexpr std::uint64_t kYamlBytesLimit = 4U << 20U;  ///< [bytes] of one document
inline constexpr std::uint64_t kYamlNodesLimit = 1U << 20U;  ///< nodes of one document
inline constexpr std::uint64_t kYamlDepthLimit = 64;         ///< nesting

/// Throws InputError ("name:line:column: what was expected, what was found") for text that is not
/// one YAML document. `name` is the file name used in messages. An empty text gives a null node.
YamlNode parse_yaml(const std::string& text, const std::string& name);

/// Whole text of a file of at most `limit_bytes`. Throws InputError if it cannot be read, is
/// larger, is not a regular file, or holds a zero byte (then it is not text).
std::string read_text_file(const std::string& path, std::uint64_t limit_bytes = kYamlBytesLimit);

}  // namespace skipsim::base
