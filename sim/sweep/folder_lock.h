// SPDX-License-Identifier: Apache-2.0
// One sweep at a time works in a folder. The lock goes with the process, however it ends.
#pragma once

#include <string>

namespace skipsim::sweep {

class FolderLock {
public:
    /// Waits up to two seconds (workers of a process that was killed need a moment to die). Throws
    /// InputError if another process has it, MachineError if the file cannot be made.
    explicit FolderLock(const std::string& folder);
    ~FolderLock();
    FolderLock(const FolderLock&) = delete;
    FolderLock& operator=(const FolderLock&) = delete;

    /// For a forked child: the lock is its parent's alone.
    void give_up_in_child() const noexcept;

private:
    int descriptor_ = -1;
};

}  // namespace skipsim::sweep
