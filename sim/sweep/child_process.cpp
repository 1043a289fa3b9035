// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/interrupt.h"

namespace skipsim::sweep {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kLook{100};  // between two looks at interrupts and the time
constexpr std::chrono::milliseconds kEnding{2};  // a child that closed its streams is about to end

[[noreturn]] void fail(const std::string& program, int error_number) {
    throw base::MachineError("cannot start " + program + ": " + std::strerror(error_number));
}

/// Both ends are closed in programs that are started, and at the end.
class Pipe {
public:
    explicit Pipe(const std::string& program) {
        if (::pipe2(ends_.data(), O_CLOEXEC) != 0) {
            fail(program, errno);
        }
    }
    Pipe(const Pipe&) = delete;
    Pipe& operator=(const Pipe&) = delete;
    ~Pipe() {
        close(0);
        close(1);
    }

    [[nodiscard]] int reading() const noexcept { return ends_[0]; }
    [[nodiscard]] int writing() const noexcept { return ends_[1]; }
    void close_writing() noexcept { close(1); }

private:
    void close(std::size_t end) noexcept {
        if (ends_[end] >= 0) {
            ::close(ends_[end]);
            ends_[end] = -1;
        }
    }

    std::array<int, 2> ends_{-1, -1};
};

/// How a program is to be started.
class StartPlan {
public:
    StartPlan(const Pipe& out, const Pipe& err) {
        posix_spawn_file_actions_init(&actions_);
        posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
        posix_spawn_file_actions_adddup2(&actions_, out.writing(), STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions_, err.writing(), STDERR_FILENO);
        sigset_t signals;
        sigemptyset(&signals);
        posix_spawnattr_init(&attributes_);
        posix_spawnattr_setsigmask(&attributes_, &signals);
        for (const int signal_number : {SIGINT, SIGTERM, SIGPIPE, SIGCHLD}) {
            sigaddset(&signals, signal_number);
        }
        posix_spawnattr_setsigdefault(&attributes_, &signals);
        posix_spawnattr_setpgroup(&attributes_, 0);
        posix_spawnattr_setflags(&attributes_,
                                 static_cast<short>(POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETPGROUP));
    }
    StartPlan(const StartPlan&) = delete;
    StartPlan& operator=(const StartPlan&) = delete;
    ~StartPlan() {
        posix_spawn_file_actions_destroy(&actions_);
        posix_spawnattr_destroy(&attributes_);
    }

    /// 0 or the error's number.
    int start(const std::vector<std::string>& argv, const std::string& hidden_prefix,
              pid_t& process) const {
        std::vector<std::string> words = argv;
        std::vector<char*> pointers;
        for (std::string& word : words) {
            pointers.push_back(word.data());
        }
        pointers.push_back(nullptr);
        std::vector<char*> variables;
        for (char** variable = environ; *variable != nullptr; ++variable) {
            const bool is_hidden =
                !hidden_prefix.empty() &&
                std::strncmp(*variable, hidden_prefix.c_str(), hidden_prefix.size()) == 0;
            if (!is_hidden) {
                variables.push_back(*variable);
            }
        }
        variables.push_back(nullptr);
        return posix_spawnp(&process, pointers[0], &actions_, &attributes_, pointers.data(),
                            variables.data());
    }

private:
    posix_spawn_file_actions_t actions_{};
    posix_spawnattr_t attributes_{};
};

/// A started program; killed with its process group and waited for if nobody has by the end.
class Child {
public:
    explicit Child(pid_t process) : process_(process) {}
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;
    ~Child() {
        if (process_ > 0) {
            kill();
            wait();
        }
    }

    void kill() const noexcept { ::kill(-process_, SIGKILL); }
    [[nodiscard]] bool has_ended() noexcept { return process_ < 0 || take_status(WNOHANG); }
    /// How it ended, as waitpid() says it.
    int wait() noexcept {
        if (process_ > 0) {
            take_status(0);
        }
        return status_;
    }

private:
    bool take_status(int options) noexcept {
        for (;;) {
            const pid_t got = ::waitpid(process_, &status_, options);
            if (got < 0 && errno == EINTR) {
                continue;
            }
            if (got == 0) {
                return false;
            }
            process_ = -1;
            return true;
        }
    }

    pid_t process_;
    int status_ = 0;
};

/// Appends what is there. False at the end of the stream.
bool read_some(int descriptor, std::string& text) {
    std::array<char, 65536> buffer;
    const ssize_t count = ::read(descriptor, buffer.data(), buffer.size());
    if (count > 0) {
        text.append(buffer.data(), static_cast<std::size_t>(count));
    }
    return count > 0 || (count < 0 && (errno == EINTR || errno == EAGAIN));
}

/// Reads both streams as they come, until the child has ended or its time is up. A stream that a
/// grandchild holds open after that is left.
void listen(Child& child, const Pipe& out, const Pipe& err, const ChildLimits& limits,
            ChildOutcome& outcome) {
    const Clock::time_point end = Clock::now() + limits.time;
    std::array<pollfd, 2> streams{pollfd{out.reading(), POLLIN, 0},
                                  pollfd{err.reading(), POLLIN, 0}};
    const std::array<std::string*, 2> texts{&outcome.out, &outcome.err};
    for (bool has_ended = false;;) {
        if (limits.stops_on_interrupt) {
            base::throw_if_interrupted();
        }
        if (Clock::now() >= end) {
            outcome.is_timed_out = true;
            child.kill();
            return;
        }
        has_ended = has_ended || child.has_ended();
        const bool is_silent = streams[0].fd < 0 && streams[1].fd < 0;
        const int wait_ms = has_ended ? 0 : static_cast<int>((is_silent ? kEnding : kLook).count());
        const int ready = ::poll(streams.data(), streams.size(), wait_ms);
        for (std::size_t i = 0; ready > 0 && i < streams.size(); ++i) {
            if (streams[i].revents != 0 && !read_some(streams[i].fd, *texts[i])) {
                streams[i].fd = -1;  // poll() passes over it
            }
        }
        if (has_ended && ready <= 0) {
            return;
        }
    }
}

}  // namespace

ChildOutcome run_child(const std::vector<std::string>& argv, const ChildLimits& limits) {
    base::require(!argv.empty(), "run_child: no program");
    ChildOutcome outcome;
    Pipe out(argv[0]);
    Pipe err(argv[0]);
    pid_t process = -1;
    const int error_number = StartPlan(out, err).start(argv, limits.hidden_prefix, process);
    if (error_number == ENOENT || error_number == ENOTDIR || error_number == EACCES) {
        outcome.is_found = false;
        return outcome;
    }
    if (error_number != 0) {
        fail(argv[0], error_number);
    }
    Child child(process);
    out.close_writing();
    err.close_writing();
    listen(child, out, err, limits, outcome);
    const int status = child.wait();
    outcome.exit_status = WIFEXITED(status) ? WEXITSTATUS(status) : 0;
    outcome.signal = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    return outcome;
}

}  // namespace skipsim::sweep
