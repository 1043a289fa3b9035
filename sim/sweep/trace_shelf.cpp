// SPDX-License-Identifier: Apache-2.0
#include "sim/sweep/trace_shelf.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <set>

#include "sim/base/sha256.h"
#include "sim/job/job.h"

namespace skipsim::sweep {
namespace {

std::uint64_t quarter_of_memory() {
    const auto pages = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PHYS_PAGES)));
    const auto page_bytes = static_cast<std::uint64_t>(std::max(0L, sysconf(_SC_PAGESIZE)));
    constexpr std::uint64_t kParts = 4;
    return pages * page_bytes / kParts;
}

}  // namespace

trace::TraceReader& TraceShelf::open(const std::string& path) {
    const auto found = readers_.find(path);
    if (found != readers_.end()) {
        return found->second;
    }
    opened_states_[path] = state_of(path);  // before the first look at it
    return readers_.try_emplace(path, path).first->second;
}

bool TraceShelf::has_changed(const std::string& path) const {
    const auto opened = opened_states_.find(path);
    return opened != opened_states_.end() && opened->second != state_of(path);
}

TraceShelf::FileState TraceShelf::state_of(const std::string& path) {
    struct stat state {};
    if (stat(path.c_str(), &state) != 0) {
        return {};
    }
    return {static_cast<std::uint64_t>(state.st_dev),
            static_cast<std::uint64_t>(state.st_ino),
            static_cast<std::uint64_t>(state.st_size),
            static_cast<std::uint64_t>(state.st_mtim.tv_sec),
            static_cast<std::uint64_t>(state.st_mtim.tv_nsec),
            1};
}

void TraceShelf::decode(const std::string& path, const std::vector<std::string>& iterations) {
    trace::TraceReader& reader = open(path);
    const std::uint64_t count = reader.iterations().size();
    std::set<std::uint64_t> wanted;
    for (const std::string& text : iterations) {
        const auto range = job::parse_iterations(text);
        const std::uint64_t first = range ? range->first : 0;
        const std::uint64_t end = range ? std::min(range->second, count - 1) + 1 : count;
        for (std::uint64_t iteration = first; iteration < end; ++iteration) {
            wanted.insert(iteration);
        }
    }
    const std::uint64_t limit = quarter_of_memory();
    decoded_bytes_ += reader.keep_decoded({wanted.begin(), wanted.end()},
                                          limit - std::min(limit, decoded_bytes_));
}

const std::string& TraceShelf::sha256_of_file(const std::string& path) {
    const auto [entry, is_new] = checksums_.try_emplace(path);
    if (is_new) {
        entry->second = base::sha256_hex_of_file(path);
    }
    return entry->second;
}

}  // namespace skipsim::sweep
