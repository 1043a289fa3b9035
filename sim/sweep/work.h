// SPDX-License-Identifier: Apache-2.0
// What an executor is given: tasks that are still to be done, and how to learn that they are. A
// task is one simulation; it writes the outcome of each of its points (several if they differ in
// the energy table alone) into a file of its own, so tasks never write to the same place and a
// task that runs twice leaves what it left the first time.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

namespace skipsim::sweep {

struct Work {
    std::string folder;  ///< of the sweep, absolute; executors may make files below it
    std::vector<std::uint64_t> tasks;  ///< numbers, in the order in which they should start
    /// The outcome of every point of the task is on the disk.
    std::function<bool(std::uint64_t task)> is_finished;
    /// Takes the outcomes of a task, as far as they are on the disk, into the database and moves
    /// the progress bar. Taking them twice does nothing more.
    std::function<void(std::uint64_t task)> take;
    /// Takes those of all tasks; to be called about once a second where tasks report to nobody.
    std::function<void()> gather;
    /// Notes that a task will have no outcome ("killed by signal 9", "out of memory"): its points
    /// are failed.
    std::function<void(std::uint64_t task, const std::string& error)> fail;
    /// Command line that does one task in a fresh process, without the task's number at its end.
    std::vector<std::string> task_command;
};

}  // namespace skipsim::sweep
