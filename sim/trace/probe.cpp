// SPDX-License-Identifier: Apache-2.0
// The first look at a file, in a child process. Damage that checksums catch is reported by the
// library as an error; a file made on purpose to harm the library can make it crash, loop or
// allocate without end, and then only the child is lost. The parent repeats only calls that the
// child survived.
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <new>

#include "sim/base/errors.h"
#include "sim/base/interrupt.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {
namespace {

constexpr rlim_t kMemoryBytes = rlim_t{4} << 30U;  // beyond what the parent already maps
constexpr rlim_t kSeconds = 20;                    // plus one for every MiB of the file
constexpr rlim_t kLeastBytes = rlim_t{64} << 20U;  // with less, a crash says nothing of a file
constexpr int kChildDone = 0;
constexpr int kChildInterrupted = 2;

#if defined(__SANITIZE_ADDRESS__)
constexpr bool kLimitsMemory = false;  // the sanitizer maps terabytes
#else
constexpr bool kLimitsMemory = true;
#endif

std::uint64_t mapped_bytes() {
    std::uint64_t pages = 0;
    std::ifstream("/proc/self/statm") >> pages;
    return pages * static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
}

void set_limit(int resource, rlim_t value) {
    struct rlimit limit {};
    if (::getrlimit(static_cast<__rlimit_resource>(resource), &limit) == 0) {
        limit.rlim_cur = std::min(value, limit.rlim_max);
        ::setrlimit(static_cast<__rlimit_resource>(resource), &limit);
    }
}

/// Whether the limit this program was started under leaves hardly anything to allocate.
bool has_little_memory() {
    struct rlimit limit {};
    return kLimitsMemory && ::getrlimit(RLIMIT_AS, &limit) == 0 &&
           limit.rlim_max != RLIM_INFINITY && limit.rlim_max < mapped_bytes() + kLeastBytes;
}

std::string no_memory_text(const std::string& path) {
    return "not enough memory to look at " + path + " (limit: ulimit -v)";
}

void write_all(int descriptor, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
        if (count < 0 && errno != EINTR) {
            return;
        }
        done += count > 0 ? static_cast<std::size_t>(count) : 0;
    }
}

/// A line of the report; names in a hostile file may hold control characters.
std::string report_line(char kind, std::string text) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20; };
    std::replace_if(text.begin(), text.end(), is_control, '?');
    return kind + text + '\n';
}

/// One line per problem ("P…") or note ("N…").
std::string look(const std::string& path, WrongFacts wrong_facts) {
    std::string report;
    try {
        const Hdf5File file(path);
        for (const std::string& note : read_structure(file, true, wrong_facts).notes) {
            report += report_line('N', note);
        }
    } catch (const base::InputError& error) {
        for (const std::string& line : error.lines()) {
            report += report_line('P', line);
        }
    } catch (const std::bad_alloc&) {
        if (has_little_memory()) {
            throw;
        }
        report += report_line('P', path + ": expected a trace, found a file that needs more than " +
                                       std::to_string(kMemoryBytes >> 30U) + " GiB to look at");
    }
    return report;
}

[[noreturn]] void run_child(const std::string& path, WrongFacts wrong_facts, int descriptor) {
    struct stat status_of_file {};
    const bool is_known = ::stat(path.c_str(), &status_of_file) == 0;
    const auto file_bytes = static_cast<rlim_t>(is_known ? status_of_file.st_size : 0);
    const int nowhere = ::open("/dev/null", O_WRONLY | O_CLOEXEC);
    ::dup2(nowhere, STDERR_FILENO);  // what the C library says when the heap is damaged
    set_limit(RLIMIT_CORE, 0);
    set_limit(RLIMIT_CPU, kSeconds + (file_bytes >> 20U));
    if (kLimitsMemory) {
        set_limit(RLIMIT_AS, mapped_bytes() + kMemoryBytes);
    }
    int status = kChildDone;
    try {
        write_all(descriptor, look(path, wrong_facts));
    } catch (const base::Interrupted&) {
        status = kChildInterrupted;
    } catch (...) {
        ::raise(SIGABRT);  // a bug or no memory: seen by the parent as a child that failed
    }
    ::_exit(status);
}

std::string read_to_end(int descriptor) {
    std::string text;
    char buffer[4096];
    for (;;) {
        const ssize_t count = ::read(descriptor, buffer, sizeof buffer);
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return text;
        }
        text.append(buffer, static_cast<std::size_t>(count));
    }
}

void judge(const std::string& path, int status) {
    if (WIFEXITED(status) && WEXITSTATUS(status) == kChildDone) {
        return;
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == kChildInterrupted) {
        base::throw_if_interrupted();
        throw base::Interrupted(SIGINT);
    }
    if (has_little_memory()) {
        throw base::MachineError(no_memory_text(path));
    }
    // A crash ends a child by a signal, or under a sanitizer by an exit status of its choice.
    const int number = WIFSIGNALED(status) ? WTERMSIG(status) : 0;
    throw base::InputError(path + ": expected a trace, found a file on which the HDF5 library " +
                           (number == SIGXCPU ? "does not come to an end" : "fails") +
                           (number != 0 ? " (signal " + std::to_string(number) + ")" : "") +
                           "; it is damaged or made to do harm");
}

void sort_report(const std::string& report, std::vector<std::string>& problems,
                 std::vector<std::string>& notes) {
    for (std::size_t begin = 0; begin < report.size();) {
        const std::size_t end = std::min(report.find('\n', begin), report.size());
        auto& list = report[begin] == 'N' ? notes : problems;
        list.push_back(report.substr(begin + 1, end - begin - 1));
        begin = end + 1;
    }
}

}  // namespace

std::vector<std::string> probe(const std::string& path, WrongFacts wrong_facts) {
    int ends[2] = {-1, -1};
    if (::pipe(ends) != 0) {
        throw base::MachineError(std::string("cannot make a pipe: ") + std::strerror(errno));
    }
    const pid_t child = ::fork();
    if (child < 0) {
        ::close(ends[0]);
        ::close(ends[1]);
        throw base::MachineError(std::string("cannot start a process: ") + std::strerror(errno));
    }
    if (child == 0) {
        ::close(ends[0]);
        run_child(path, wrong_facts, ends[1]);
    }
    ::close(ends[1]);
    const std::string report = read_to_end(ends[0]);
    ::close(ends[0]);
    int status = 0;
    while (::waitpid(child, &status, 0) < 0 && errno == EINTR) {
    }
    judge(path, status);
    std::vector<std::string> problems;
    std::vector<std::string> notes;
    sort_report(report, problems, notes);
    if (has_little_memory() && report.find("memory allocation failed") != std::string::npos) {
        throw base::MachineError(no_memory_text(path));
    }
    if (!problems.empty()) {
        throw base::InputError(std::move(problems));
    }
    return notes;
}

}  // namespace skipsim::trace
