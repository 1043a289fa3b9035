// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/task_runner.h"

#include <filesystem>
#include <new>
#include <optional>
#include <utility>

#include "sim/base/errors.h"
#include "sim/job/job.h"
#include "sim/results/reprice.h"
#include "sim/results/result_file.h"
#include "sim/stats/result_document.h"
#include "sim/stats/result_writer.h"
#include "sim/sweep/outcome.h"

namespace skipsim::sweep {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

class TaskRunner {
public:
    TaskRunner(const SweepSpec& spec, TraceShelf& shelf, std::string folder)
        : spec_(spec), shelf_(shelf), folder_(std::move(folder)) {}

    void run(const std::vector<TaskPoint>& points) {
        for (const TaskPoint& point : points) {
            if (!counts_) {
                counts_ = finished_result(point);
            }
        }
        for (const TaskPoint& point : points) {
            const std::string path = path_of(point);
            if (read_outcome(path, point.key)) {
                continue;
            }
            try {
                const Json document = document_of(order_of(spec_, *point.planned));
                stats::ResultFolder(path, true).write(document);
                write_outcome(path, outcome_of(point.key, document));
            } catch (const base::InputError& error) {
                fail(point, joined(error.lines()));
            } catch (const base::MachineError&) {
                throw;  // the next point would meet the same
            } catch (const base::Interrupted&) {
                throw;
            } catch (const std::bad_alloc&) {
                fail(point, "out of memory");
            } catch (const std::exception& error) {
                fail(point, std::string("a bug in skipsim: ") + error.what());
            }
        }
    }

private:
    [[nodiscard]] std::string path_of(const TaskPoint& point) const {
        return (fs::path(folder_) / point_folder(point.key)).string();
    }

    /// Of a point of the task that an earlier process finished.
    [[nodiscard]] std::optional<Json> finished_result(const TaskPoint& point) const {
        const std::optional<Outcome> outcome = read_outcome(path_of(point), point.key);
        if (!outcome || !outcome->is_done) {
            return std::nullopt;
        }
        try {
            return results::read_result(path_of(point)).document;
        } catch (const base::InputError&) {
            return std::nullopt;  // damaged since: the counts come from a simulation
        }
    }

    /// Counts come from the first simulation of the task; the table prices them.
    Json document_of(const PointOrder& order) {
        const config::Config config = order.load_config();
        stats::ResultContext context = job::context_of(config, order.selection, order.seed);
        if (counts_) {
            return results::repriced(*counts_, context.energy_table, config.text("energy.table"));
        }
        system::RunOptions options;
        job::select(options, order.selection);
        options.seed = order.seed;
        std::vector<const trace::TraceReader*> readers;
        for (const std::string& trace : order.traces) {
            readers.push_back(&shelf_.open(trace));
        }
        const stats::RunResult result = job::simulate(config, readers, options, context);
        counts_ = stats::result_document(result, context);
        return *counts_;
    }

    void fail(const TaskPoint& point, const std::string& error) const {
        Outcome outcome;
        outcome.key = point.key;
        outcome.error = error;
        write_outcome(path_of(point), outcome);
    }

    static std::string joined(const std::vector<std::string>& lines) {
        std::string text;
        for (const std::string& line : lines) {
            text += (text.empty() ? "" : "; ") + line;
        }
        return text;
    }

    const SweepSpec& spec_;
    TraceShelf& shelf_;
    std::string folder_;
    std::optional<Json> counts_;
};

}  // namespace

void run_task(const SweepSpec& spec, const std::vector<TaskPoint>& points, TraceShelf& shelf,
              const std::string& folder) {
    TaskRunner(spec, shelf, folder).run(points);
}

}  // namespace skipsim::sweep
