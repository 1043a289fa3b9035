// SPDX-License-Identifier: Apache-2.0
// Strict reading of a YAML settings file. Every value is checked for type and range, every key
// must be known, none may stand twice, and all problems are reported together, each as
// "file:line:column: path.to.key: what was expected, what was found".
//
//     YamlReader reader = YamlReader::from_file(path);
//     YamlSection root = reader.root();
//     params.rows = root.section("core").whole("rows", {1, 64, "pe"});
//     params.clock_mhz = root.real("clock_mhz", {1, 5000, "MHz"}, 200.0);   // 200 if left out
//     reader.finish();   // throws InputError with every problem, unknown keys included
//
// A reading function never throws for bad input: it notes the problem and returns the fallback, or
// the lowest value if there is none. Sections are cheap handles; they stay valid as long as any
// handle or the reader exists. Not for use from several threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/yaml_node.h"

namespace skipsim::base {

struct WholeRange {
    std::uint64_t lowest = 0;
    std::uint64_t highest = 0;
    std::string unit;  ///< stands in messages; may be empty
};

struct RealRange {
    double lowest = 0.0;
    double highest = 0.0;
    std::string unit;  ///< stands in messages; may be empty
};

class YamlReader;

/// One mapping of the document.
class YamlSection {
public:
    std::uint64_t whole(const std::string& key, const WholeRange& range,
                        std::optional<std::uint64_t> fallback = std::nullopt);
    double real(const std::string& key, const RealRange& range,
                std::optional<double> fallback = std::nullopt);
    /// true or false, not quoted.
    bool boolean(const std::string& key, std::optional<bool> fallback = std::nullopt);
    std::string text(const std::string& key,
                     const std::optional<std::string>& fallback = std::nullopt);
    /// One of `options`, which must not be empty.
    std::string choice(const std::string& key, const std::vector<std::string>& options,
                       const std::optional<std::string>& fallback = std::nullopt);

    /// Lists. A single value does not stand for a list of one.
    std::vector<std::uint64_t> wholes(
        const std::string& key, const WholeRange& range,
        const std::optional<std::vector<std::uint64_t>>& fallback = std::nullopt);
    std::vector<double> reals(const std::string& key, const RealRange& range,
                              const std::optional<std::vector<double>>& fallback = std::nullopt);
    std::vector<std::string> texts(
        const std::string& key,
        const std::optional<std::vector<std::string>>& fallback = std::nullopt);
    std::vector<std::string> choices(
        const std::string& key, const std::vector<std::string>& options,
        const std::optional<std::vector<std::string>>& fallback = std::nullopt);

    /// A nested mapping. If it is missing that is one problem, and reading from the section that
    /// is returned then notes no further ones.
    YamlSection section(const std::string& key);
    std::optional<YamlSection> optional_section(const std::string& key);
    /// A list of mappings; missing is a problem unless `is_optional`.
    std::vector<YamlSection> sections(const std::string& key, bool is_optional = false);

    /// Whether the key is given. Counts as knowing it only for suggestions of names.
    [[nodiscard]] bool has(const std::string& key);
    /// Every key as given, in file order.
    [[nodiscard]] std::vector<std::string> keys() const;
    /// The node of a key, which then counts as known; null if it is not given.
    const YamlNode* node(const std::string& key);
    /// Notes a problem at the key (at the section if the key is not given), for rules over several
    /// keys: report("rows", "expected rows x columns <= 1024, found 64 x 64").
    void report(const std::string& key, const std::string& what);
    /// "core.rows" for a key of section "core".
    [[nodiscard]] std::string path_of(const std::string& key) const;

private:
    friend class YamlReader;
    struct Document;
    YamlSection(std::shared_ptr<Document> document, const YamlNode* node, std::string path,
                bool is_silent);

    const YamlNode* known(const std::string& key);
    const YamlNode* wanted(const std::string& key, const std::string& expected, bool is_optional);
    const YamlNode* list(const std::string& key, const std::string& expected, bool is_optional);
    void unexpected(const std::string& path, const YamlNode& node, const std::string& expected);
    std::optional<std::uint64_t> whole_of(const std::string& path, const YamlNode& node,
                                          const WholeRange& range);
    std::optional<double> real_of(const std::string& path, const YamlNode& node,
                                  const RealRange& range);
    std::optional<std::string> text_of(const std::string& path, const YamlNode& node);
    std::optional<std::string> choice_of(const std::string& path, const YamlNode& node,
                                         const std::vector<std::string>& options);
    YamlSection child(const YamlNode& node, std::string path);

    std::shared_ptr<Document> document_;
    const YamlNode* node_;
    std::string path_;
    bool is_silent_;
};

class YamlReader {
public:
    /// Throw InputError if there is no such file or it is not YAML with a mapping at its top.
    static YamlReader from_file(const std::string& path);
    static YamlReader from_text(const std::string& text, const std::string& name);

    /// Replaces or adds the value at "key.path" (list items by number, "layers.0.name") before
    /// anything is read; `value` is YAML. Problems with it name `origin` in place of the file, for
    /// example "--set core.rows=x". Throws InputError if the path leads through a value that is
    /// neither a mapping nor a list, or `value` is not YAML.
    void set(const std::string& key_path, const std::string& value, const std::string& origin);

    [[nodiscard]] YamlSection root();
    /// The whole tree as it now is.
    [[nodiscard]] const YamlNode& tree() const;
    [[nodiscard]] const std::string& name() const;

    /// Adds a problem without a place in the file.
    void report(const std::string& line);
    /// Notes unknown and repeated keys of every section that was read, then throws InputError
    /// with all problems in file order if there are any.
    void finish();

private:
    explicit YamlReader(std::shared_ptr<YamlSection::Document> document);
    std::shared_ptr<YamlSection::Document> document_;
};

}  // namespace skipsim::base
