// SPDX-License-Identifier: Apache-2.0
// `trace slice`: whole groups are copied as they are stored, so the data is equal bit for bit.
#include <map>
#include <ostream>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/trace/commands.h"
#include "sim/trace/data_access.h"
#include "sim/trace/reader.h"
#include "sim/trace/structure.h"
#include "sim/trace/validate.h"
#include "sim/trace/writer.h"

namespace skipsim::trace {
namespace {

using std::to_string;

class Slicer {
public:
    Slicer(const SliceArguments& arguments, const TraceReader& reader)
        : arguments_(arguments),
          reader_(reader),
          access_(arguments.file),
          writer_(arguments.out, arguments.force) {}

    void run() {
        copy_attributes("/", "/");
        copy("/run", "/run");
        copy("/networks", "/networks");
        base::ProgressBar bar("slice", arguments_.last_iteration - arguments_.first_iteration + 1,
                              arguments_.shows_progress);
        for (std::uint64_t n = arguments_.first_iteration; n <= arguments_.last_iteration; ++n) {
            base::throw_if_interrupted();
            copy_iteration(n);
            bar.advance();
        }
        bar.finish();
        copy_chosen("/epochs", reader_.epochs().size(), [&](std::uint64_t n) {
            const std::uint64_t epoch = reader_.epochs()[n].epoch;
            return epoch >= first().epoch && epoch <= last().epoch;
        });
        copy_chosen("/pruning_events", reader_.pruning_events().size(), [&](std::uint64_t n) {
            const std::uint64_t step = reader_.pruning_events()[n].step;
            return step >= first().step && step <= last().step;
        });
        writer_.finish();
    }

private:
    [[nodiscard]] const IterationFacts& first() const {
        return reader_.iterations()[arguments_.first_iteration];
    }
    [[nodiscard]] const IterationFacts& last() const {
        return reader_.iterations()[arguments_.last_iteration];
    }

    void copy(const std::string& from, const std::string& to) {
        writer_.copy(access_.file(), from, to);
    }

    void copy_attributes(const std::string& from, const std::string& to) {
        const auto group = access_.group(from);
        if (!group) {
            return;
        }
        const hid_t id = group->handle.id();
        for (const std::string& name : access_.file().attribute_names(id, from)) {
            const auto value = access_.file().attribute(id, from, name);
            if (value && value->kind == Attribute::Kind::kText) {
                writer_.text(to, name, value->text);
            } else if (value && value->kind == Attribute::Kind::kInteger) {
                writer_.integer(to, name, static_cast<std::uint64_t>(value->integer));
            } else if (value && value->kind == Attribute::Kind::kReal) {
                writer_.real(to, name, value->real);
            }
        }
    }

    void copy_iteration(std::uint64_t number) {
        const std::string from = "/iterations/" + to_string(number);
        const std::string to = "/iterations/" + to_string(number - arguments_.first_iteration);
        copy_attributes(from, to);
        copy(from + "/samples", to + "/samples");
        for (const Network& network : reader_.networks()) {
            const std::string inner = "/networks/" + network.name;
            // In one piece, so that datasets with several names stay one object.
            if (access_.group(from + inner + "/tensors")) {
                copy(from + inner + "/tensors", to + inner + "/tensors");
            }
            for (const NamedShape& parameter : network.graph.parameters) {
                copy_parameter(number, network.name, parameter.name);
            }
        }
    }

    /// A reference to an iteration outside the slice becomes the data; one inside is renumbered.
    void copy_parameter(std::uint64_t number, const std::string& network,
                        const std::string& parameter) {
        const std::string own = member_path(number, network, "parameters", parameter);
        const auto holder = access_.parameter_path(number, network, parameter);
        if (!holder) {
            return;
        }
        const std::string to =
            member_path(number - arguments_.first_iteration, network, "parameters", parameter);
        if (*holder == own) {
            copy(own, to);
            written_[own] = to;
            return;
        }
        const auto written = written_.find(*holder);
        if (written == written_.end()) {
            copy(*holder, to);
            written_[*holder] = to;
            return;
        }
        // "/iterations/N/…" of the copy that already exists
        const std::string rest = written->second.substr(std::string("/iterations/").size());
        writer_.integer(to, "same_as_iteration", std::stoull(rest));
    }

    template <typename IsChosen>
    void copy_chosen(const std::string& path, std::uint64_t count, IsChosen is_chosen) {
        std::uint64_t next = 0;
        for (std::uint64_t n = 0; n < count; ++n) {
            if (is_chosen(n)) {
                copy(path + '/' + to_string(n), path + '/' + to_string(next++));
            }
        }
    }

    const SliceArguments& arguments_;
    const TraceReader& reader_;
    DataAccess access_;
    TraceWriter writer_;
    std::map<std::string, std::string> written_;  // parameter group -> its first copy
};

}  // namespace

int run_slice(const SliceArguments& arguments, std::ostream& out) {
    const Validation found = validate(arguments.file, arguments.shows_progress);
    if (!found.problems.empty()) {
        throw base::InputError(found.problems);
    }
    const TraceReader reader(arguments.file);
    const std::uint64_t count = reader.iterations().size();
    if (arguments.first_iteration > arguments.last_iteration || arguments.last_iteration >= count) {
        throw base::InputError(
            "--iterations: expected A..B with A <= B <= " + to_string(count - 1) + ", found " +
            to_string(arguments.first_iteration) + ".." + to_string(arguments.last_iteration));
    }
    Slicer(arguments, reader).run();
    out << arguments.out << ": " << arguments.last_iteration - arguments.first_iteration + 1
        << " of " << count << " iterations of " << arguments.file << '\n';
    return 0;
}

}  // namespace skipsim::trace
