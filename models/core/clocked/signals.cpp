// SPDX-License-Identifier: Apache-2.0
#include "models/core/clocked/signals.h"

#include <cstddef>
#include <string>

namespace skipsim::clocked {
namespace {

constexpr unsigned kCountBits = 32;
constexpr unsigned kLevelBits = 7;  // a FIFO holds up to 64 chunks
constexpr unsigned kStateBits = 3;
constexpr unsigned kAccumulatorBits = 2;

void name_wire(const Array::Watch& watch, const std::string& name, const Signals::Wire& wire) {
    watch(name + ".is_sending", wire.is_sending, 1);
    watch(name + ".chunks_begun", wire.chunks_begun, kCountBits);
}

}  // namespace

void Signals::build(std::uint32_t rows, std::uint32_t columns) {
    columns_ = columns;
    pes.resize(std::size_t{rows} * columns);
    row_buses.resize(rows);
    column_buses.resize(columns);
    drains.resize(columns);
}

void Signals::name(const Array::Watch& watch) {
    are_watched_ = true;
    for (std::size_t pe = 0; pe < pes.size(); ++pe) {
        const std::string name =
            "pe_" + std::to_string(pe / columns_) + "_" + std::to_string(pe % columns_);
        watch(name + ".state", pes[pe].state, kStateBits);
        watch(name + ".row_level", pes[pe].row_level, kLevelBits);
        watch(name + ".column_level", pes[pe].column_level, kLevelBits);
        watch(name + ".chunks_started", pes[pe].chunks_started, kCountBits);
        watch(name + ".accumulators", pes[pe].accumulators, kAccumulatorBits);
    }
    for (std::size_t row = 0; row < row_buses.size(); ++row) {
        name_wire(watch, "row_bus_" + std::to_string(row), row_buses[row]);
    }
    for (std::size_t column = 0; column < column_buses.size(); ++column) {
        name_wire(watch, "column_bus_" + std::to_string(column), column_buses[column]);
    }
    name_wire(watch, "feed", feed);
    for (std::size_t column = 0; column < drains.size(); ++column) {
        watch("drain_" + std::to_string(column) + ".is_busy", drains[column], 1);
    }
}

}  // namespace skipsim::clocked
