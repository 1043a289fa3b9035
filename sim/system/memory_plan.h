// SPDX-License-Identifier: Apache-2.0
// Which tensors every row of an iteration reads and writes, where they lie in DRAM, and how long
// they are needed (models/MICROARCHITECTURE.md §14).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "models/accelerator/vector_unit.h"
#include "models/memory/tensor_cache.h"
#include "sim/system/plan.h"
#include "sim/system/vector_rows.h"

namespace skipsim::system {

/// A tensor and what a pass moves of it.
struct TensorStream {
    memory::TensorId id = 0;
    std::uint64_t bytes = 0;
};

struct PassMemory {
    std::vector<TensorStream> reads;
    std::vector<TensorStream> writes;
};

/// The memory side of a row.
struct RowMemory {
    std::vector<memory::TensorUse> uses;    ///< operands in order, each once
    std::vector<PassMemory> passes;         ///< of the vector work, in order
    PassMemory beside;                      ///< beside the cores, transposed copies included
    std::optional<memory::TensorId> input;  ///< of the cores
    std::optional<memory::TensorId> weight;
    std::optional<memory::TensorId> output;
};

/// Where tensors lie in DRAM, by id.
class TensorAddresses {
public:
    TensorAddresses() = default;
    explicit TensorAddresses(std::vector<std::uint64_t> addresses)
        : addresses_(std::move(addresses)) {}
    void add(std::uint64_t address) { addresses_.push_back(address); }
    [[nodiscard]] std::size_t size() const noexcept { return addresses_.size(); }
    /// [byte]
    [[nodiscard]] std::uint64_t address(memory::TensorId id) const { return addresses_.at(id); }

private:
    std::vector<std::uint64_t> addresses_;
};

/// One iteration of one network's rows.
class MemoryPlan {
public:
    /// `rows` are those of the iteration in the order in which they are done; works[i] is the
    /// vector work of rows[i].
    MemoryPlan(const trace::TraceReader& reader, VectorRows& vector_rows,
               const std::vector<PlannedRow>& rows,
               const std::vector<accelerator::VectorWork>& works);

    [[nodiscard]] const RowMemory& row(std::size_t index) const { return rows_.at(index); }
    [[nodiscard]] const TensorAddresses& addresses() const noexcept { return addresses_; }
    /// [bytes] of DRAM the iteration needs.
    [[nodiscard]] std::uint64_t bytes_needed() const noexcept { return next_address_; }

private:
    /// network, space (copies apart), index, and for saved data its size
    using Key = std::tuple<std::uint32_t, int, std::uint32_t, std::uint64_t>;

    void add_row(const PlannedRow& planned, const accelerator::VectorWork& work);
    void add_layer(const PlannedRow& planned, RowMemory& row);
    void add_pass(const PlannedRow& planned, const accelerator::VectorPass& pass, RowMemory& row,
                  PassMemory& memory);
    void add_aliases(const PlannedRow& planned);
    void use(RowMemory& row, memory::TensorId id, std::uint64_t bytes, bool is_written, int space,
             bool may_be_placed = true);
    [[nodiscard]] memory::TensorId id_of(const Key& key, std::uint64_t bytes);
    [[nodiscard]] std::uint64_t place_bytes(const Key& key, std::uint64_t bytes) const;
    [[nodiscard]] memory::TensorId read_id(const Key& key, std::uint64_t bytes);
    [[nodiscard]] memory::TensorId write_id(const Key& key, std::uint64_t bytes);
    void find_last_reads();

    const trace::TraceReader& reader_;
    VectorRows& vector_rows_;
    std::vector<RowMemory> rows_;
    std::map<Key, memory::TensorId> ids_;
    std::map<Key, Key> aliases_;  ///< another name of the same bytes
    TensorAddresses addresses_;
    std::uint64_t next_address_ = 0;
    std::uint64_t samples_ = 0;
};

}  // namespace skipsim::system
