// SPDX-License-Identifier: Apache-2.0
// Writes a file whole or not at all: a temporary file in the same folder is written, synchronised
// and renamed over the target. A reader sees the old content or the new one, never a part.
#pragma once

#include <exception>
#include <string>
#include <string_view>

namespace skipsim::base {

/// Throws MachineError with the path and the operating system's reason. After a failure the
/// target is as it was and the temporary file is gone. The folder must exist.
void write_file_atomically(const std::string& path, std::string_view text);

/// The temporary file beside a target. Whatever fails throws MachineError.
class AtomicFile {
public:
    explicit AtomicFile(const std::string& target);
    AtomicFile(const AtomicFile&) = delete;
    AtomicFile& operator=(const AtomicFile&) = delete;
    /// Removes it, unless it has become the target.
    ~AtomicFile();

    void write(std::string_view text);
    /// Everything is on the disk; the target is as it was.
    void synchronise();
    void commit();

private:
    std::string target_;
    std::string path_;  ///< "" = renamed
    int descriptor_ = -1;
};

/// An AtomicFile that grows piece by piece, for writers that must not throw (a callback of the
/// simulation kernel): what fails is kept until somebody asks. A piece waits in memory until there
/// are 64 KiB.
class StreamedFile {
public:
    explicit StreamedFile(const std::string& target) : file_(target) {}

    void append(std::string_view text) noexcept;
    /// Throws what kept an earlier piece from being written.
    void throw_if_failed() const;
    /// Writes and synchronises the rest; then only commit() is left. Throws like AtomicFile.
    void finish();
    void commit() { file_.commit(); }

private:
    void flush() noexcept;

    AtomicFile file_;
    std::string waiting_;
    std::exception_ptr failure_;
};

}  // namespace skipsim::base
