// SPDX-License-Identifier: Apache-2.0
// How the blocks of the clocked engine ask each other for bytes. Calls are wires: they are seen in
// the same cycle, by the steps still to come (sim/kernel/phased_clock.h).
#pragma once

#include <cstdint>
#include <functional>

namespace skipsim::clocked {

using Done = std::function<void()>;

struct DmaTransfer {
    std::uint64_t address = 0;
    std::uint64_t bytes = 0;
    bool is_write = false;
};

/// Numbers of the DMA engine's clients: jobs of one cycle enter in their order.
struct ClientOrder {
    static constexpr std::uint64_t kControl = 0;
    static constexpr std::uint64_t kFirstPort = 1;  ///< then cluster by cluster (§15)
    static constexpr std::uint64_t kVectorUnit = ~std::uint64_t{0};
};

/// The DMA engine as its clients see it (models/MICROARCHITECTURE.md §15).
class DmaPort {
public:
    virtual ~DmaPort() = default;
    /// A job, taken in the engine step of this cycle. `done` is called in the cycle in which it is
    /// complete: in the step `complete`, or in the engine's step if it has 0 bytes. Answers its
    /// number.
    virtual std::uint64_t submit(std::uint64_t client, const DmaTransfer& transfer,
                                 bool is_background, Done done) = 0;
};

/// A load that a core asks for.
struct TileLoad {
    std::uint64_t tile = 0;
    std::uint32_t phase = 0;
    std::uint64_t first_byte = 0;  ///< within the operand
    std::uint64_t bytes = 0;
    Done ready;  ///< called in the cycle R in which the operand can be used, before its array step
};

/// A core's way to an operand: a port of its own, or the cluster's weight buffer.
class LoadWay {
public:
    virtual ~LoadWay() = default;
    /// In the due step. `core` is the number within the cluster.
    virtual void request(std::uint32_t core, const TileLoad& load) = 0;
};

/// A core's way out.
class StoreWay {
public:
    virtual ~StoreWay() = default;
    /// In the due step. `done` is called when the results have left.
    virtual void store(std::uint64_t first_byte, std::uint64_t bytes, Done done) = 0;
};

}  // namespace skipsim::clocked
