// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/validate.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <functional>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/base/progress.h"
#include "sim/trace/reader.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kBlockElements = std::uint64_t{1} << 24U;
constexpr std::uint64_t kBlockVisits = std::uint64_t{1} << 20U;
using std::to_string;

class DataCheck {
public:
    DataCheck(const TraceReader& reader, bool shows_progress)
        : reader_(reader), shows_progress_(shows_progress) {}

    std::vector<std::string> run() {
        base::ProgressBar bar("validate", reader_.iterations().size(), shows_progress_);
        for (std::uint64_t n = 0; n < reader_.iterations().size(); ++n) {
            guarded([&] { (void)reader_.samples(n); });
            for (std::uint32_t net = 0; net < reader_.networks().size(); ++net) {
                check_network(n, net);
            }
            bar.advance();
        }
        bar.finish();
        check_epochs();
        check_events();
        return std::move(lines_);
    }

private:
    void guarded(const std::function<void()>& step) {
        base::throw_if_interrupted();
        try {
            step();
        } catch (const base::InputError& error) {
            for (const std::string& line : error.lines()) {
                // A dataset may have several names and several readers.
                if (std::find(lines_.begin(), lines_.end(), line) == lines_.end()) {
                    lines_.push_back(line);
                }
            }
        }
    }

    void check_network(std::uint64_t iteration, std::uint32_t net) {
        const Graph& graph = reader_.networks()[net].graph;
        for (std::uint32_t t = 0; t < graph.tensors.size(); ++t) {
            const std::uint64_t samples = reader_.iterations()[iteration].samples;
            const std::uint64_t block =
                std::max<std::uint64_t>(kBlockElements / graph.tensors[t].elements(), 1);
            for (std::uint64_t first = 0; first < samples; first += block) {
                check_tensor(iteration, net, t, first, std::min(block, samples - first));
            }
        }
        for (std::uint32_t p = 0; p < graph.parameters.size(); ++p) {
            guarded([&] { (void)reader_.weight_nonzero(iteration, net, p); });
            guarded([&] { (void)reader_.weight_keep(iteration, net, p); });
            guarded([&] { (void)reader_.coarse_keep(iteration, net, p); });
            guarded([&] { (void)reader_.sample_gradients(iteration, net, p); });
        }
    }

    void check_tensor(std::uint64_t iteration, std::uint32_t net, std::uint32_t tensor,
                      std::uint64_t first, std::uint64_t count) {
        guarded([&] {
            compare(reader_.values(iteration, net, tensor, first, count),
                    reader_.nonzero(iteration, net, tensor, first, count),
                    place(iteration, net, tensor) + "/values", first);
        });
        guarded([&] {
            compare(reader_.gradient_values(iteration, net, tensor, first, count),
                    reader_.gradient_nonzero(iteration, net, tensor, first, count),
                    place(iteration, net, tensor) + "/gradient_values", first);
        });
        guarded([&] { (void)reader_.dx_needed(iteration, net, tensor, first, count); });
    }

    [[nodiscard]] std::string place(std::uint64_t iteration, std::uint32_t net,
                                    std::uint32_t tensor) const {
        const Network& network = reader_.networks()[net];
        return reader_.path() + ':' +
               member_path(iteration, network.name, "tensors", network.graph.tensors[tensor].name);
    }

    /// Values must be zero where the pattern is. (float16 values may be zero elsewhere: rounded.)
    static void compare(const std::optional<std::vector<float>>& values,
                        const std::optional<base::BitTensor>& pattern, const std::string& where,
                        std::uint64_t first) {
        if (!values || !pattern) {
            return;
        }
        const std::uint64_t elements = pattern->elements();
        for (std::uint64_t i = 0; i < values->size(); ++i) {
            if ((*values)[i] != 0.0F && !pattern->test(i / elements, i % elements)) {
                throw base::InputError(where + ": expected 0 where the pattern is 0, found " +
                                       to_string((*values)[i]) + " in sample " +
                                       to_string(first + i / elements) + ", element " +
                                       to_string(i % elements));
            }
        }
    }

    void check_epochs() {
        for (std::uint64_t n = 0; n < reader_.epochs().size(); ++n) {
            const std::uint64_t visits = reader_.epochs()[n].visits;
            for (std::uint64_t first = 0; first < visits; first += kBlockVisits) {
                guarded([&] {
                    (void)reader_.epoch_samples(n, first, std::min(kBlockVisits, visits - first));
                });
            }
        }
    }

    void check_events() {
        for (std::uint64_t n = 0; n < reader_.pruning_events().size(); ++n) {
            for (const std::uint32_t parameter : reader_.pruning_events()[n].parameters) {
                guarded([&] { (void)reader_.pruned_parameter(n, parameter); });
            }
        }
    }

    const TraceReader& reader_;
    bool shows_progress_;
    std::vector<std::string> lines_;
};

}  // namespace

Validation validate(const std::string& path, bool shows_progress) {
    if (::access(path.c_str(), R_OK) != 0) {
        throw base::InputError(path + ": cannot be read: " + std::strerror(errno));
    }
    Validation found;
    try {
        const TraceReader reader(path, WrongFacts::kNamed);
        found.notes = reader.notes();
        found.problems = reader.wrong_facts();
        const std::vector<std::string> wrong_data = DataCheck(reader, shows_progress).run();
        found.problems.insert(found.problems.end(), wrong_data.begin(), wrong_data.end());
    } catch (const base::InputError& error) {
        found.problems = error.lines();
    }
    return found;
}

}  // namespace skipsim::trace
