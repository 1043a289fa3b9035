// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/vector_unit.h"

#include <algorithm>

#include "sim/base/bits.h"

namespace skipsim::accelerator {
namespace {

using base::Action;

/// An operation reads two FP32 operands (a special one) and writes one.
constexpr std::uint64_t kWordBits = 32;

std::uint64_t bytes_of(const std::vector<TensorTraffic>& traffic) {
    std::uint64_t bytes = 0;
    for (const TensorTraffic& tensor : traffic) {
        bytes += tensor.bytes;
    }
    return bytes;
}

void add_actions(base::ActionCounts& actions, const VectorPass& pass) {
    const std::uint64_t plain = pass.adds + pass.multiplies + pass.compares;
    actions[Action::vector_add] += pass.adds;
    actions[Action::vector_multiply] += pass.multiplies;
    actions[Action::vector_compare] += pass.compares;
    actions[Action::vector_special] += pass.specials;
    actions[Action::vector_bit_read] += (2 * plain + pass.specials) * kWordBits;
    actions[Action::vector_bit_write] += (plain + pass.specials) * kWordBits;
}

}  // namespace

std::vector<std::string> VectorUnitParams::problems() const {
    std::vector<std::string> found;
    if (special_cycles < 1 || special_cycles > 64) {
        found.push_back("special_cycles = " + std::to_string(special_cycles) + ", must be 1..64");
    }
    return found;
}

std::uint64_t VectorPass::bytes_read() const noexcept {
    return bytes_of(reads);
}

std::uint64_t VectorPass::bytes_written() const noexcept {
    return bytes_of(writes);
}

bool VectorPass::is_empty() const noexcept {
    return adds + multiplies + compares + specials == 0 && reads.empty() && writes.empty();
}

std::uint64_t pass_cycles(const VectorUnitParams& params, const VectorPass& pass) {
    if (pass.is_empty()) {
        return 0;
    }
    const std::uint64_t operations =
        pass.adds + pass.multiplies + pass.compares + pass.specials * params.special_cycles;
    const std::uint64_t bytes = pass.bytes_read() + pass.bytes_written();
    const std::uint64_t lane_cycles =
        params.lanes == 0 ? 0 : base::ceil_divide(operations, params.lanes);
    const std::uint64_t byte_cycles =
        params.bytes_per_cycle == 0 ? 0 : base::ceil_divide(bytes, params.bytes_per_cycle);
    return std::max(lane_cycles, byte_cycles) + params.latency_cycles;
}

std::uint64_t vector_cycles(const VectorUnitParams& params, const VectorWork& work) {
    std::uint64_t cycles = 0;
    for (const VectorPass& pass : work.passes) {
        cycles += pass_cycles(params, pass);
    }
    return cycles;
}

base::ActionCounts vector_actions(const VectorWork& work) {
    base::ActionCounts actions;
    for (const VectorPass& pass : work.passes) {
        add_actions(actions, pass);
    }
    add_actions(actions, work.beside);
    return actions;
}

}  // namespace skipsim::accelerator
