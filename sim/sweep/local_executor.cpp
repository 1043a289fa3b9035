// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/local_executor.h"

#include <fcntl.h>
#include <poll.h>
#include <spdlog/spdlog.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>
#include <vector>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"

namespace skipsim::sweep {
namespace {

constexpr int kChanged = 2;  // a file that the sweep is made of
constexpr int kRefused = 3;
constexpr int kStopped = 130;
constexpr int kPollMilliseconds = 200;
constexpr std::size_t kMostTextBytes = 4096;  // fits into a pipe, so a worker never waits

struct Worker {
    std::uint64_t task = 0;
    pid_t process = 0;
    int pipe = -1;  ///< readable, and at its end, when the worker is gone
};

/// Does the task in the forked process; returns its exit status and tells why in `text`.
int do_task(const std::function<void(std::uint64_t)>& run_in_child, std::uint64_t task,
            std::string& text) {
    try {
        run_in_child(task);
        return 0;
    } catch (const base::Interrupted&) {
        return kStopped;
    } catch (const base::MachineError& error) {
        text = error.what();
    } catch (const base::InputError& error) {
        text = error.lines().front();
        return kChanged;
    } catch (const std::exception& error) {
        text = error.what();
        return 1;
    }
    return kRefused;
}

class Workers {
public:
    Workers(const Work& work, const std::function<void(std::uint64_t)>& run_in_child)
        : work_(work), run_in_child_(run_in_child), parent_(getpid()) {}
    Workers(const Workers&) = delete;
    Workers& operator=(const Workers&) = delete;
    ~Workers() { stop(); }

    void start(std::uint64_t task) {
        std::array<int, 2> ends{};
        if (pipe2(ends.data(), O_CLOEXEC) != 0) {
            throw base::MachineError(std::string("no pipe to a worker: ") + std::strerror(errno));
        }
        const pid_t process = fork();
        if (process == 0) {
            become_worker(task, ends[1]);
        }
        close(ends[1]);
        if (process < 0) {
            close(ends[0]);
            throw base::MachineError(std::string("no worker process: ") + std::strerror(errno));
        }
        workers_.push_back({task, process, ends[0]});
    }

    [[nodiscard]] std::size_t count() const noexcept { return workers_.size(); }

    /// Waits a moment for workers to end and takes in what they did.
    void collect() {
        std::vector<pollfd> ends;
        for (const Worker& worker : workers_) {
            ends.push_back({worker.pipe, POLLIN, 0});
        }
        poll(ends.data(), ends.size(), kPollMilliseconds);
        for (std::size_t index = ends.size(); index-- > 0;) {
            if (ends[index].revents != 0) {
                const Worker worker = workers_[index];
                workers_.erase(workers_.begin() + static_cast<std::ptrdiff_t>(index));
                finish(worker);
            }
        }
    }

    void stop() noexcept {
        for (const Worker& worker : workers_) {
            kill(worker.process, SIGKILL);
        }
        for (const Worker& worker : workers_) {
            waitpid(worker.process, nullptr, 0);
            close(worker.pipe);
        }
        workers_.clear();
    }

private:
    [[noreturn]] void become_worker(std::uint64_t task, int pipe_end) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        if (getppid() != parent_) {
            _exit(kStopped);  // it died before it could be asked for
        }
        for (const Worker& other : workers_) {
            close(other.pipe);
        }
        spdlog::set_level(spdlog::level::off);  // what it has to say stands in its outcome
        std::string text;
        const int status = do_task(run_in_child_, task, text);
        text.resize(std::min(text.size(), kMostTextBytes));
        const bool told = write(pipe_end, text.data(), text.size()) >= 0;
        _exit(told ? status : kRefused);
    }

    void finish(const Worker& worker) {
        std::string text(kMostTextBytes, '\0');
        const ssize_t bytes = read(worker.pipe, text.data(), text.size());
        text.resize(static_cast<std::size_t>(std::max<ssize_t>(bytes, 0)));
        close(worker.pipe);
        int status = 0;
        waitpid(worker.process, &status, 0);
        if (WIFSIGNALED(status)) {
            work_.fail(worker.task, "its process was killed by signal " +
                                        std::to_string(WTERMSIG(status)) + " (" +
                                        strsignal(WTERMSIG(status)) + ")");
        } else if (WEXITSTATUS(status) == kRefused) {
            throw base::MachineError(text +
                                     "; what was finished before is kept, the same command "
                                     "goes on");
        } else if (WEXITSTATUS(status) == kChanged) {
            throw base::InputError(text);
        } else if (WEXITSTATUS(status) == kStopped) {
            return;
        } else if (!work_.is_finished(worker.task)) {
            work_.fail(worker.task, text.empty() ? "its process ended without an outcome" : text);
        }
        work_.take(worker.task);
    }

    const Work& work_;
    const std::function<void(std::uint64_t)>& run_in_child_;
    pid_t parent_;
    std::vector<Worker> workers_;
};

}  // namespace

void run_locally(const Work& work, unsigned jobs,
                 const std::function<void(std::uint64_t)>& run_in_child) {
    Workers workers(work, run_in_child);
    std::size_t next = 0;
    while (next < work.tasks.size() || workers.count() > 0) {
        base::throw_if_interrupted();
        if (next < work.tasks.size() && workers.count() < jobs) {
            workers.start(work.tasks[next++]);
        } else {
            workers.collect();
        }
    }
}

}  // namespace skipsim::sweep
