// SPDX-License-Identifier: Apache-2.0
// The cluster's weight buffer edge by edge: by hand, and against the fast engine's with the same
// random requests.
#include "models/cluster/clocked/weight_banks.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <vector>

#include "models/cluster/weight_buffer.h"
#include "sim/base/random.h"

namespace skipsim::clocked {
namespace {

using cluster::WeightBufferParams;

/// Bursts of 8 bytes, 4 bytes a cycle: 2 cycles each.
WeightBufferParams params(std::uint32_t ports, std::uint32_t banks, std::uint64_t capacity = 0) {
    WeightBufferParams out;
    out.ports = ports;
    out.banks = banks;
    out.capacity_bytes = capacity;
    out.burst_bytes = 8;
    out.port_bytes_per_cycle = 4;
    out.fill_bytes_per_cycle = 16;
    return out;
}

struct Wish {
    std::uint64_t cycle = 0;
    std::uint32_t core = 0;
    WeightTileKey key;
    std::uint64_t bytes = 0;

    [[nodiscard]] bool operator<(const Wish& other) const {
        return std::tie(cycle, core, key) < std::tie(other.cycle, other.core, other.key);
    }
};

/// Ready: cycle and number of the wish.
using Ready = std::vector<std::pair<std::uint64_t, std::uint64_t>>;

struct Outcome {
    Ready ready;
    std::uint64_t words_read = 0;
    std::uint64_t words_written = 0;
};

/// How long a tile is fetched; 0: it is at the fill bus in the cycle of the request.
struct Fetch {
    std::uint64_t longest = 0;
    [[nodiscard]] std::uint64_t cycles(const WeightTileKey& key) const {
        return longest == 0 ? 0 : (key.first_byte * 7 + key.phase) % (longest + 1);
    }
};

constexpr std::uint64_t kEnd = 2000;  // [cycle] everything is over

Outcome run(const WeightBufferParams& params, std::uint64_t latency, const Fetch& fetch,
            const std::vector<Wish>& wishes) {
    WeightBanks banks(params, latency);
    Outcome outcome;
    std::multimap<std::uint64_t, WeightTileKey> coming;
    std::size_t next = 0;
    for (std::uint64_t cycle = 0; cycle < kEnd; ++cycle) {
        banks.begin(cycle);
        std::vector<std::uint64_t> tickets;
        banks.take_ready(tickets);
        std::sort(tickets.begin(), tickets.end());
        for (const std::uint64_t ticket : tickets) {
            outcome.ready.emplace_back(cycle, ticket);
        }
        for (; !coming.empty() && coming.begin()->first == cycle; coming.erase(coming.begin())) {
            banks.at_bus(coming.begin()->second);
        }
        for (; next < wishes.size() && wishes[next].cycle == cycle; ++next) {
            banks.request(wishes[next].core, wishes[next].key, wishes[next].bytes, next);
        }
        if (!banks.can_act()) {
            continue;
        }
        std::vector<WeightBanks::Absent> absent;
        banks.take_requests(absent);
        for (const WeightBanks::Absent& tile : absent) {
            if (fetch.cycles(tile.key) == 0) {
                banks.at_bus(tile.key);
            } else {
                coming.emplace(cycle + fetch.cycles(tile.key), tile.key);
            }
        }
        banks.start_bursts();
    }
    outcome.words_read = banks.words_read();
    outcome.words_written = banks.words_written();
    return outcome;
}

/// The same with the fast engine's bookkeeping.
class FastRun {
public:
    FastRun(const WeightBufferParams& params, std::uint64_t latency, const Fetch& fetch,
            const std::vector<Wish>& wishes)
        : latency_(latency), fetch_(fetch), wishes_(wishes), buffer_(params) {}

    Outcome run() {
        for (std::uint64_t cycle = 0; cycle < kEnd; ++cycle) {
            for (; !coming_.empty() && coming_.begin()->first == cycle;
                 coming_.erase(coming_.begin())) {
                fill(cycle, coming_.begin()->second);
            }
            arrive(cycle);
            request(cycle);
            arrive(cycle);
            serve(cycle);
        }
        std::sort(outcome_.ready.begin(), outcome_.ready.end());
        outcome_.words_read = buffer_.words_read();
        outcome_.words_written = buffer_.words_written();
        return outcome_;
    }

private:
    static std::uint64_t number(const WeightTileKey& key) {
        return (std::uint64_t{key.phase} << 56U) + key.first_byte;
    }
    void fill(std::uint64_t cycle, std::uint64_t key) {
        arrivals_.emplace(buffer_.fill(cycle, key), key);
    }
    void arrive(std::uint64_t cycle) {
        for (; !arrivals_.empty() && arrivals_.begin()->first <= cycle;
             arrivals_.erase(arrivals_.begin())) {
            buffer_.arrived(cycle, arrivals_.begin()->second);
        }
    }
    void request(std::uint64_t cycle) {
        std::vector<std::size_t> now;
        for (; next_ < wishes_.size() && wishes_[next_].cycle == cycle; ++next_) {
            now.push_back(next_);
        }
        std::stable_sort(now.begin(), now.end(), [this](auto left, auto right) {
            return wishes_[left].core < wishes_[right].core;
        });
        for (const std::size_t at : now) {
            const Wish& wish = wishes_[at];
            waiting_.push_back(at);
            if (buffer_.request(cycle, wish.core, {number(wish.key), wish.bytes}) !=
                cluster::Presence::absent) {
                continue;
            }
            const std::uint64_t cycles = fetch_.cycles(wish.key);
            if (cycles == 0) {
                fill(cycle, number(wish.key));
            } else {
                coming_.emplace(cycle + cycles, number(wish.key));
            }
        }
    }
    void serve(std::uint64_t cycle) {
        std::vector<cluster::WeightBuffer::Served> served;
        buffer_.advance(cycle, served);
        for (const auto& each : served) {
            const auto found = std::find_if(waiting_.begin(), waiting_.end(), [&](std::size_t at) {
                return wishes_[at].core == each.core && number(wishes_[at].key) == each.key;
            });
            outcome_.ready.emplace_back(each.cycle + latency_, *found);
            waiting_.erase(found);
        }
    }

    std::uint64_t latency_;
    Fetch fetch_;
    std::vector<Wish> wishes_;
    cluster::WeightBuffer buffer_;
    std::multimap<std::uint64_t, std::uint64_t> coming_;
    std::multimap<std::uint64_t, std::uint64_t> arrivals_;
    std::vector<std::size_t> waiting_;
    std::size_t next_ = 0;
    Outcome outcome_;
};

/// A tile of three bursts that core 0 asks for in cycle 0; 24 bytes take 2 cycles on the bus.
std::uint64_t three_bursts(std::uint32_t ports, std::uint32_t banks) {
    const Outcome outcome = run(params(ports, banks), 0, {}, {{0, 0, {}, 24}});
    EXPECT_EQ(outcome.ready.size(), 1U);
    return outcome.ready.front().first;
}

// One port: 2-4, 4-6, 6-8. Two ports: bursts 0 and 1 at once, 2 after them; in one bank alone they
// wait for each other, in two banks burst 2 waits for burst 0.
TEST(WeightBanks, BurstsTakeAPortAndABank) {
    EXPECT_EQ(three_bursts(1, 4), 8U);
    EXPECT_EQ(three_bursts(2, 4), 6U);
    EXPECT_EQ(three_bursts(3, 4), 4U);
    EXPECT_EQ(three_bursts(3, 1), 8U);
    EXPECT_EQ(three_bursts(3, 2), 6U);
}

// Core 1 asks in cycle 3: burst 0 has started (2-4) and is read again for it, last (8-10); 1 and 2
// are joined (4-6, 6-8). Latency 5. Four bursts of a word.
TEST(WeightBanks, ARequestJoinsBurstsThatHaveNotStarted) {
    const Outcome outcome = run(params(1, 4), 5, {}, {{0, 0, {}, 24}, {3, 1, {}, 24}});
    EXPECT_EQ(outcome.ready, (Ready{{13, 0}, {15, 1}}));
    EXPECT_EQ(outcome.words_read, 4U);
    EXPECT_EQ(outcome.words_written, 3U) << "fetched once";
}

// Tiles A (2 cycles on the bus) and B behind it (2-4). A's bursts 2-8 and then B's 8-14, as they
// were queued, although core 0 asked for B: requests of a cycle come in the order of cores, so B
// is first. So: B on the bus 0-2, bursts 2-8; A on the bus 2-4, bursts 8-14.
TEST(WeightBanks, RequestsOfACycleComeInTheOrderOfCores) {
    const WeightTileKey a{0, 0};
    const WeightTileKey b{1, 0};
    const Outcome outcome = run(params(1, 4), 0, {}, {{0, 2, a, 24}, {0, 0, b, 24}});
    EXPECT_EQ(outcome.ready, (Ready{{8, 1}, {14, 0}}));
}

// Room for two tiles of 8 bytes (1 cycle on the bus, one burst of 2). 1, 2, 1 again: tile 2 was
// asked for longest ago and makes room for 3. Then 1 is there, 2 is not.
TEST(WeightBanks, TheTileThatWasAskedForLongestAgoMakesRoom) {
    const auto tile = [](std::uint64_t first) { return WeightTileKey{0, first}; };
    const Outcome outcome = run(params(1, 1, 16), 0, {},
                                {{0, 0, tile(1), 8},
                                 {10, 0, tile(2), 8},
                                 {20, 0, tile(1), 8},
                                 {30, 0, tile(3), 8},
                                 {40, 0, tile(1), 8},
                                 {50, 0, tile(2), 8}});
    EXPECT_EQ(outcome.ready, (Ready{{3, 0}, {13, 1}, {22, 2}, {33, 3}, {42, 4}, {53, 5}}));
    EXPECT_EQ(outcome.words_written, 4U);
}

// Tile 1's burst is read in 1-3, core 0 waits for it until then: in cycle 3 it can be dropped.
TEST(WeightBanks, ATileIsHeldUntilItsLastBurstHasEnded) {
    const std::vector<Wish> in_time{{0, 0, {0, 1}, 8}, {3, 1, {0, 2}, 8}};
    EXPECT_EQ(run(params(1, 1, 8), 0, {}, in_time).ready, (Ready{{3, 0}, {6, 1}}));
    const std::vector<Wish> too_early{{0, 0, {0, 1}, 8}, {2, 1, {0, 2}, 8}};
    EXPECT_ANY_THROW(run(params(1, 1, 8), 0, {}, too_early));
}

std::vector<Wish> random_wishes(base::Random& random, std::uint64_t pause) {
    std::vector<Wish> wishes;
    for (std::uint32_t core = 0; core < 4; ++core) {
        std::uint64_t cycle = 0;
        for (std::uint64_t left = random.below(12); left > 0; --left) {
            const std::uint64_t tile = random.below(5);
            wishes.push_back(
                {cycle, core, {static_cast<std::uint32_t>(tile % 2), tile / 2 * 16}, tile * 9});
            cycle += pause + random.below(60);
        }
    }
    std::stable_sort(wishes.begin(), wishes.end(),
                     [](const Wish& left, const Wish& right) { return left.cycle < right.cycle; });
    return wishes;
}

WeightBufferParams random_params(base::Random& random) {
    WeightBufferParams out = params(1 + static_cast<std::uint32_t>(random.below(4)),
                                    1 + static_cast<std::uint32_t>(random.below(4)));
    out.burst_bytes = 1 + random.below(12);
    out.port_bytes_per_cycle = random.below(8);
    out.fill_bytes_per_cycle = random.below(20);
    out.capacity_bytes = random.below(2) == 0 ? 0 : 36 * 4;  // a tile a core
    return out;
}

/// A core never asks for a tile that it waits for: the last two it asked for are different ones.
bool is_real(const std::vector<Wish>& wishes, const Outcome& outcome) {
    std::vector<std::uint64_t> ready(wishes.size());
    for (const auto& [cycle, wish] : outcome.ready) {
        ready[wish] = cycle;
    }
    for (std::size_t later = 0; later < wishes.size(); ++later) {
        for (std::size_t at = 0; at < later; ++at) {
            if (wishes[at].core == wishes[later].core && wishes[at].key == wishes[later].key &&
                ready[at] >= wishes[later].cycle) {
                return false;
            }
        }
    }
    return true;
}

TEST(WeightBanks, CountAsTheFastEngineDoes) {
    base::Random random(5);
    int compared = 0;
    for (int round = 0; round < 2000; ++round) {
        const WeightBufferParams chip = random_params(random);
        const std::uint64_t latency = random.below(6);
        const Fetch fetch{random.below(3) == 0 ? 0 : random.below(15)};
        const std::vector<Wish> wishes = random_wishes(random, random.below(100));
        Outcome fast;
        try {
            fast = FastRun(chip, latency, fetch, wishes).run();
        } catch (const std::exception&) {  // more tiles in use than it holds: both refuse
            ASSERT_ANY_THROW(run(chip, latency, fetch, wishes)) << "round " << round;
            continue;
        }
        if (!is_real(wishes, fast)) {
            continue;
        }
        ++compared;
        const Outcome clocked = run(chip, latency, fetch, wishes);
        ASSERT_EQ(clocked.ready.size(), wishes.size()) << "round " << round;
        ASSERT_EQ(clocked.ready, fast.ready) << "round " << round;
        ASSERT_EQ(clocked.words_read, fast.words_read) << "round " << round;
        ASSERT_EQ(clocked.words_written, fast.words_written) << "round " << round;
    }
    EXPECT_GT(compared, 1000);
}

}  // namespace
}  // namespace skipsim::clocked
