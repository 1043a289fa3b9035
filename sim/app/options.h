// SPDX-License-Identifier: Apache-2.0
// The options of one command: reading them, explaining them, refusing wrong ones with the nearest
// right name. Every problem is an InputError that starts with the command ("skipsim run: …").
#pragma once

#include <boost/program_options.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace skipsim::app {

/// What `--help` shows around the list of options.
struct Usage {
    std::string command;   ///< "run", "trace info"
    std::string synopsis;  ///< "CONFIG.yaml --trace FILE... [options]"
    std::string meaning;   ///< what the command does, one or two sentences
    std::string examples;  ///< lines of two spaces, command, newline
};

class Options {
public:
    /// Adds --help, --quiet and --log-level to every command.
    explicit Options(Usage usage);

    // Declaring; all before parse().
    void add_flag(const char* name, const char* meaning);
    void add_value(const char* name, const char* placeholder, const char* meaning);
    /// May be given several times.
    void add_repeated(const char* name, const char* placeholder, const char* meaning);
    /// Takes all words up to the next option; may be given several times too.
    void add_list(const char* name, const char* placeholder, const char* meaning);
    /// A required word without a name; `placeholder` names it in messages: "CONFIG.yaml".
    void add_positional(const char* placeholder);
    /// Any number of words, at least `least`, after those of add_positional.
    void add_positionals(const char* placeholder, std::size_t least);

    void parse(const std::vector<std::string>& words);
    [[nodiscard]] bool wants_help() const { return has("help"); }
    [[nodiscard]] std::string help() const;
    [[nodiscard]] bool is_quiet() const { return has("quiet"); }

    // Reading; all after parse().
    [[nodiscard]] bool has(const std::string& name) const;
    [[nodiscard]] std::optional<std::string> value(const std::string& name) const;
    [[nodiscard]] std::vector<std::string> values(const std::string& name) const;
    [[nodiscard]] std::optional<std::uint64_t> whole(const std::string& name, std::uint64_t lowest,
                                                     std::uint64_t highest) const;
    /// "A..B" or "A": both ends count.
    [[nodiscard]] std::optional<std::pair<std::uint64_t, std::uint64_t>> range(
        const std::string& name) const;
    [[nodiscard]] const std::string& positional(std::size_t index) const;
    /// Those of add_positionals.
    [[nodiscard]] std::vector<std::string> positionals() const;
    /// The value of an option that has one of some values, else `fallback`.
    [[nodiscard]] std::string choice(const std::string& name,
                                     const std::vector<std::string>& values,
                                     const std::string& fallback) const;
    /// Value of an option that must be given.
    [[nodiscard]] std::string required(const std::string& name) const;

    [[noreturn]] void fail(const std::string& what) const;

private:
    void set_log_level() const;
    void check_positionals() const;
    [[nodiscard]] std::vector<std::string> names() const;
    [[nodiscard]] std::string usage_line() const;

    Usage usage_;
    boost::program_options::options_description visible_;
    boost::program_options::variables_map map_;
    std::vector<std::string> placeholders_;
    std::string further_;  ///< placeholder of any number of words; "" = none
    std::size_t least_further_ = 0;
    std::vector<std::string> words_;
};

}  // namespace skipsim::app
