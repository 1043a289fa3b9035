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

/// What open() would have given: mkostemps makes files that only the owner can read.
mode_t wanted_mode(const std::string& target) {
    struct stat existing {};
    if (stat(target.c_str(), &existing) == 0) {
        return existing.st_mode & 0777U;
    }
    const mode_t mask = umask(0);
    umask(mask);
    return 0666U & ~mask;
}

constexpr std::size_t kPieceBytes = std::size_t{1} << 16U;

}  // namespace

AtomicFile::AtomicFile(const std::string& target) : target_(target), path_(target + ".XXXXXX.tmp") {
    constexpr int kSuffixLength = 4;
    descriptor_ = mkostemps(path_.data(), kSuffixLength, O_CLOEXEC);
    if (descriptor_ < 0) {
        fail(target_, "be created", errno);
    }
}

AtomicFile::~AtomicFile() {
    if (descriptor_ >= 0) {
        close(descriptor_);
    }
    if (!path_.empty()) {
        unlink(path_.c_str());
    }
}

void AtomicFile::write(std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(descriptor_, text.data(), text.size());
        if (written >= 0) {
            text.remove_prefix(static_cast<std::size_t>(written));
        } else if (errno != EINTR) {
            fail(target_, "be written", errno);
        }
    }
}

void AtomicFile::synchronise() {
    if (fchmod(descriptor_, wanted_mode(target_)) != 0 || fsync(descriptor_) != 0) {
        fail(target_, "be written", errno);
    }
    const int descriptor = descriptor_;
    descriptor_ = -1;
    if (close(descriptor) != 0) {
        fail(target_, "be written", errno);
    }
}

void AtomicFile::commit() {
    if (descriptor_ >= 0) {
        synchronise();
    }
    if (std::rename(path_.c_str(), target_.c_str()) != 0) {
        fail(target_, "be replaced", errno);
    }
    path_.clear();
}

void StreamedFile::append(std::string_view text) noexcept {
    try {
        waiting_ += text;
    } catch (...) {
        failure_ = std::current_exception();
    }
    if (waiting_.size() >= kPieceBytes) {
        flush();
    }
}

void StreamedFile::flush() noexcept {
    try {
        if (!failure_) {
            file_.write(waiting_);
        }
    } catch (...) {
        failure_ = std::current_exception();
    }
    waiting_.clear();
}

void StreamedFile::throw_if_failed() const {
    if (failure_) {
        std::rethrow_exception(failure_);
    }
}

void StreamedFile::finish() {
    flush();
    throw_if_failed();
    file_.synchronise();
}

void write_file_atomically(const std::string& path, std::string_view text) {
    AtomicFile file(path);
    file.write(text);
    file.commit();
}

}  // namespace skipsim::base
