// SPDX-License-Identifier: Apache-2.0
#include "sim/base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

[[noreturn]] void fail(const std::string& path, const char* action, int error_number) {
    throw MachineError(path + ": cannot " + action + ": " + std::strerror(error_number));
}

/// Owns a temporary file beside the target until commit() renames it; otherwise removes it.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& target)
        : target_(target), path_(target + ".XXXXXX.tmp") {
        constexpr int kSuffixLength = 4;
        descriptor_ = mkostemps(path_.data(), kSuffixLength, O_CLOEXEC);
        if (descriptor_ < 0) {
            fail(target_, "be created", errno);
        }
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (descriptor_ >= 0) {
            close(descriptor_);
        }
        if (!path_.empty()) {
            unlink(path_.c_str());
        }
    }

    void write_all(std::string_view text) {
        while (!text.empty()) {
            const ssize_t written = write(descriptor_, text.data(), text.size());
            if (written >= 0) {
                text.remove_prefix(static_cast<std::size_t>(written));
            } else if (errno != EINTR) {
                fail(target_, "be written", errno);
            }
        }
    }

    void commit() {
        if (fchmod(descriptor_, wanted_mode()) != 0 || fsync(descriptor_) != 0) {
            fail(target_, "be written", errno);
        }
        const int descriptor = descriptor_;
        descriptor_ = -1;
        if (close(descriptor) != 0) {
            fail(target_, "be written", errno);
        }
        if (std::rename(path_.c_str(), target_.c_str()) != 0) {
            fail(target_, "be replaced", errno);
        }
        path_.clear();
    }

private:
    /// What open() would have given: mkostemps makes files that only the owner can read.
    [[nodiscard]] mode_t wanted_mode() const {
        struct stat existing {};
        if (stat(target_.c_str(), &existing) == 0) {
            return existing.st_mode & 0777U;
        }
        const mode_t mask = umask(0);
        umask(mask);
        return 0666U & ~mask;
    }

    std::string target_;
    std::string path_;
    int descriptor_ = -1;
};

}  // namespace

void write_file_atomically(const std::string& path, std::string_view text) {
    TemporaryFile file(path);
    file.write_all(text);
    file.commit();
}

}  // namespace skipsim::base
