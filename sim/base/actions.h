// SPDX-License-Identifier: Apache-2.0
// The named actions every module counts: the only link between cycles and joules.
//
// A module adds to an integer; an energy table (configs/energy/*.yaml) gives each name its
// picojoules. Order is fixed: sums over actions always run in this order.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace skipsim::base {

enum class Action : std::size_t {
    pe_mac,
    pe_accumulator_write,
    detector_bit,
    and_bit,
    fifo_bit_write,
    fifo_bit_read,
    fifo_bit_clock,
    operand_buffer_bit_write,
    operand_buffer_bit_read,
    bus_bit,
    input_buffer_read,
    input_buffer_write,
    weight_buffer_read,
    weight_buffer_write,
    output_buffer_read,
    output_buffer_write,
    aggregation_add,
    aggregation_read,
    aggregation_write,
    balancer_bit,
    balancer_compare,
    sequencer_output_bit,
    sequencer_coarse_bit,
    transposer_bit,
    vector_add,
    vector_multiply,
    vector_compare,
    vector_special,
    vector_bit_read,
    vector_bit_write,
    global_buffer_read,
    global_buffer_write,
    cluster_buffer_read,
    cluster_buffer_write,
    dram_read_byte,
    dram_write_byte,
    dram_activate,
    dram_read_burst,
    dram_write_burst,
    dram_refresh,
    dram_active_standby,
    dram_precharge_standby,
    clock_pe_cycle,
    leakage_pe_cycle,
    count
};

constexpr std::size_t kActionCount = static_cast<std::size_t>(Action::count);

/// `name` without format suffix; pe.mac gets the configured operand format ("pe.mac_fp8").
struct ActionDescription {
    Action action;
    std::string_view name;       ///< "component.action"
    std::string_view component;  ///< component the energy is reported under
    std::string_view unit;       ///< what one count is
    std::string_view meaning;
};

/// In the order of Action.
const std::array<ActionDescription, kActionCount>& action_catalogue() noexcept;

/// Commands of a modelled DRAM: priced by its own file (configs/memory), not by a technology.
constexpr bool is_dram_command(Action action) noexcept {
    return action >= Action::dram_activate && action <= Action::dram_precharge_standby;
}

/// One integer per action.
class ActionCounts {
public:
    [[nodiscard]] std::uint64_t operator[](Action action) const noexcept {
        return counts_[static_cast<std::size_t>(action)];
    }
    [[nodiscard]] std::uint64_t& operator[](Action action) noexcept {
        return counts_[static_cast<std::size_t>(action)];
    }
    ActionCounts& operator+=(const ActionCounts& other) noexcept {
        for (std::size_t index = 0; index < kActionCount; ++index) {
            counts_[index] += other.counts_[index];
        }
        return *this;
    }
    [[nodiscard]] bool operator==(const ActionCounts& other) const noexcept {
        return counts_ == other.counts_;
    }

private:
    std::array<std::uint64_t, kActionCount> counts_{};
};

}  // namespace skipsim::base
