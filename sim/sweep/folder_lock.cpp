// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <filesystem>
#include <thread>

#include "sim/base/errors.h"
#include "sim/sweep/sweep_folder.h"

namespace skipsim::sweep {

FolderLock::FolderLock(const std::string& folder) {
    const std::string path = (std::filesystem::path(folder) / kLockFile).string();
    constexpr int kMode = 0644;
    descriptor_ = open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kMode);
    if (descriptor_ < 0) {
        throw base::MachineError(path + ": cannot be made: " + std::strerror(errno));
    }
    constexpr int kTries = 20;
    for (int tries = 0; flock(descriptor_, LOCK_EX | LOCK_NB) != 0; ++tries) {
        const int reason = errno;
        if (reason != EWOULDBLOCK || tries == kTries) {
            close(descriptor_);
            if (reason != EWOULDBLOCK) {
                throw base::MachineError(path + ": cannot be locked: " + std::strerror(reason));
            }
            throw base::InputError(folder +
                                   ": another sweep is at work in this folder; wait for it, or "
                                   "choose another folder with --out");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(100));
    }
}

FolderLock::~FolderLock() {
    close(descriptor_);
}

void FolderLock::give_up_in_child() const noexcept {
    close(descriptor_);
}

}  // namespace skipsim::sweep
