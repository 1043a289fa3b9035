// SPDX-License-Identifier: Apache-2.0
#include "sim/app/options.h"

#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/base/number.h"
#include "sim/job/job.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <limits>
#include <sstream>

namespace skipsim::app {
namespace {

namespace po = boost::program_options;

constexpr const char* kWords = "words";  // hidden option that collects the words without a name

const std::vector<std::string>& log_levels() {
    static const std::vector<std::string> kLevels{"trace", "debug", "info", "warn", "error", "off"};
    return kLevels;
}

}  // namespace

Options::Options(Usage usage) : usage_(std::move(usage)), visible_("options") {
    add_flag("help,h", "show this text");
    add_flag("quiet,q", "print errors only");
    add_value("log-level", "LEVEL", "trace, debug, info, warn (default), error or off");
}

void Options::add_flag(const char* name, const char* meaning) {
    visible_.add_options()(name, meaning);
}

void Options::add_value(const char* name, const char* placeholder, const char* meaning) {
    visible_.add_options()(name, po::value<std::string>()->value_name(placeholder), meaning);
}

void Options::add_repeated(const char* name, const char* placeholder, const char* meaning) {
    visible_.add_options()(
        name, po::value<std::vector<std::string>>()->value_name(placeholder)->composing(), meaning);
}

void Options::add_list(const char* name, const char* placeholder, const char* meaning) {
    visible_.add_options()(
        name,
        po::value<std::vector<std::string>>()->value_name(placeholder)->multitoken()->composing(),
        meaning);
}

void Options::add_positional(const char* placeholder) {
    placeholders_.emplace_back(placeholder);
}

void Options::add_positionals(const char* placeholder, std::size_t least) {
    further_ = placeholder;
    least_further_ = least;
}

void Options::parse(const std::vector<std::string>& words) {
    po::options_description hidden;
    hidden.add_options()(kWords, po::value<std::vector<std::string>>());
    po::options_description all;
    all.add(visible_).add(hidden);
    po::positional_options_description positional;
    positional.add(kWords, -1);
    constexpr int kStyle =
        po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
    try {
        po::store(
            po::command_line_parser(words).options(all).positional(positional).style(kStyle).run(),
            map_);
    } catch (const po::unknown_option& error) {
        std::string name = error.get_option_name();
        const std::string near = base::nearest_name(name, names());
        fail(name + ": unknown option" + (near.empty() ? "" : "; did you mean " + near + "?"));
    } catch (const po::error& error) {
        fail(error.what());
    }
    if (map_.count(kWords) != 0) {
        words_ = map_[kWords].as<std::vector<std::string>>();
    }
    if (!wants_help()) {
        check_positionals();
        set_log_level();
    }
}

void Options::check_positionals() const {
    if (words_.size() > placeholders_.size() && further_.empty()) {
        fail("unexpected word \"" + words_[placeholders_.size()] + "\"; usage: " + usage_line());
    }
    if (words_.size() < placeholders_.size()) {
        fail("missing " + placeholders_[words_.size()] + "; usage: " + usage_line());
    }
    const std::size_t further = words_.size() - placeholders_.size();
    if (further < least_further_) {
        fail("missing " + further_ + ": expected at least " + std::to_string(least_further_) +
             ", found " + std::to_string(further) + "; usage: " + usage_line());
    }
}

void Options::set_log_level() const {
    const std::string level = value("log-level").value_or("warn");
    if (spdlog::level::from_str(level) == spdlog::level::off && level != "off") {
        const std::string near = base::nearest_name(level, log_levels());
        fail("--log-level: expected one of trace, debug, info, warn, error, off, got \"" + level +
             "\"" + (near.empty() ? "" : "; did you mean " + near + "?"));
    }
    spdlog::set_level(is_quiet() ? spdlog::level::err : spdlog::level::from_str(level));
}

std::vector<std::string> Options::names() const {
    std::vector<std::string> names;
    for (const auto& option : visible_.options()) {
        names.push_back("--" + option->long_name());
    }
    return names;
}

std::string Options::usage_line() const {
    return "skipsim " + usage_.command + (usage_.synopsis.empty() ? "" : ' ' + usage_.synopsis);
}

std::string Options::help() const {
    std::ostringstream text;
    text << "usage: " << usage_line() << "\n\n"
         << usage_.meaning << "\n\n"
         << visible_ << "\nexamples:\n"
         << usage_.examples;
    return text.str();
}

bool Options::has(const std::string& name) const {
    return map_.count(name) != 0;
}

std::optional<std::string> Options::value(const std::string& name) const {
    if (!has(name)) {
        return std::nullopt;
    }
    return map_[name].as<std::string>();
}

std::vector<std::string> Options::values(const std::string& name) const {
    return has(name) ? map_[name].as<std::vector<std::string>>() : std::vector<std::string>{};
}

std::optional<std::uint64_t> Options::whole(const std::string& name, std::uint64_t lowest,
                                            std::uint64_t highest) const {
    const std::optional<std::string> text = value(name);
    if (!text) {
        return std::nullopt;
    }
    const std::optional<std::uint64_t> number = base::parse_number<std::uint64_t>(*text);
    if (!number || *number < lowest || *number > highest) {
        fail("--" + name + ": expected a whole number in " + std::to_string(lowest) + ".." +
             std::to_string(highest) + ", got \"" + *text + "\"");
    }
    return number;
}

std::optional<std::pair<std::uint64_t, std::uint64_t>> Options::range(
    const std::string& name) const {
    const std::optional<std::string> text = value(name);
    if (!text) {
        return std::nullopt;
    }
    const auto range = job::parse_iterations(*text);
    if (!range) {
        fail("--" + name + ": expected A..B with A <= B, such as 0..3, got \"" + *text + "\"");
    }
    return range;
}

const std::string& Options::positional(std::size_t index) const {
    return words_.at(index);
}

std::vector<std::string> Options::positionals() const {
    return {words_.begin() + static_cast<std::ptrdiff_t>(placeholders_.size()), words_.end()};
}

std::string Options::choice(const std::string& name, const std::vector<std::string>& values,
                            const std::string& fallback) const {
    std::string text = value(name).value_or(fallback);
    if (std::find(values.begin(), values.end(), text) != values.end()) {
        return text;
    }
    std::string list;
    for (const std::string& known : values) {
        list += (list.empty() ? "" : ", ") + known;
    }
    const std::string near = base::nearest_name(text, values);
    fail("--" + name + ": expected one of " + list + ", got \"" + text + "\"" +
         (near.empty() ? "" : "; did you mean " + near + "?"));
}

std::string Options::required(const std::string& name) const {
    const std::optional<std::string> text = value(name);
    if (!text || text->empty()) {
        fail("--" + name + ": missing; usage: " + usage_line());
    }
    return *text;
}

void Options::fail(const std::string& what) const {
    throw base::InputError("skipsim " + usage_.command + ": " + what);
}

}  // namespace skipsim::app
