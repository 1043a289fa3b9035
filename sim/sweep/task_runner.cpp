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
    TaskRunner(const Plan& plan, TraceShelf& shelf, std::string folder)
        : plan_(plan), shelf_(shelf), folder_(std::move(folder)) {}

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
            run_point(point, path);
        }
    }

private:
    void run_point(const TaskPoint& point, const std::string& path) {
        const PointOrder order = order_of(plan_.spec, *point.planned);
        std::optional<Json> document;
        std::string problem;
        try {
            document = document_of(order);
        } catch (const base::InputError& error) {
            problem = joined(error.lines());
        } catch (const base::MachineError&) {
            throw;  // the next point would meet the same
        } catch (const base::Interrupted&) {
            throw;
        } catch (const std::bad_alloc&) {
            problem = "out of memory";
        } catch (const std::exception& error) {
            problem = std::string("a bug in skipsim: ") + error.what();
        }
        require_unchanged(point, order);
        if (document) {
            stats::ResultFolder(path, true).write(*document);
            write_outcome(path, outcome_of(point.key, *document));
        } else {
            fail(point, problem);
        }
    }

    /// A result is kept only under the checksum of what it was made of, however a file is changed
    /// while the sweep runs.
    void require_unchanged(const TaskPoint& point, const PointOrder& order) {
        const std::string kept =
            ": has changed while the sweep ran; what was finished before is kept";
        for (const std::string& trace : order.traces) {
            if (shelf_.has_changed(trace)) {
                throw base::InputError(trace + kept);
            }
        }
        shelf_.forget_checksums();
        if (resolve(plan_, *point.planned, shelf_).key != point.key) {
            throw base::InputError(order.config_path + ", or a table or memory that it names" +
                                   kept);
        }
    }

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
            Json document = results::read_result(path_of(point)).document;
            if (document["content_sha256"] != outcome->result_sha256) {
                return std::nullopt;  // the result of another point
            }
            return document;
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

    const Plan& plan_;
    TraceShelf& shelf_;
    std::string folder_;
    std::optional<Json> counts_;
};

}  // namespace

void run_task(const Plan& plan, const std::vector<TaskPoint>& points, TraceShelf& shelf,
              const std::string& folder) {
    TaskRunner(plan, shelf, folder).run(points);
}

}  // namespace skipsim::sweep
