// SPDX-License-Identifier: Apache-2.0
// The inner loop of the PE array: one chunk on every bus, then every PE of the array, a vector of
// columns at a time. Compiled once per instruction set by Google Highway and chosen at run time.
// The lines follow models/MICROARCHITECTURE.md §6 and §7; the names are those of the page.
#include <algorithm>

#include "models/core/pe_array_state.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/core/chunk_kernel.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "models/core/chunk_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace skipsim::core::HWY_NAMESPACE {
namespace {

/// The part of a chunk that all PEs share: when each bus sends and when the chunk arrives.
struct RowBus {
    std::uint64_t free;    // h
    std::uint64_t send;    // u
    std::uint64_t arrive;  // b + 1
};

HWY_INLINE void send_on_columns(ArrayState& state, std::uint32_t chunk, std::uint64_t ready) {
    const std::uint64_t* slot_free =
        state.lane_slot_free.data() + std::size_t{state.slot} * state.lanes;
    const std::uint64_t* payload = state.lane_payload.data() + std::size_t{chunk} * state.lanes;
    const Vec ready_cycle = splat(ready);
    for (std::size_t lane = 0; lane < state.columns_active; lane += hn::Lanes(Tag())) {
        const Vec send =
            hn::Max(hn::Max(load(&state.lane_bus_free[lane]), ready_cycle), load(slot_free + lane));
        store(send, &state.lane_send[lane]);
        store(hn::Add(send, load(payload + lane)), &state.lane_arrive[lane]);
    }
}

HWY_INLINE RowBus send_on_row(const ArrayState& state, std::uint32_t row, std::uint32_t chunk,
                              std::uint32_t chunks, std::uint64_t ready) {
    RowBus bus{};
    bus.free = state.row_bus_free[row];
    const std::uint64_t slot_free =
        state.row_slot_free[std::size_t{state.slot} * state.params.rows + row];
    bus.send = std::max(std::max(bus.free, ready), slot_free);
    bus.arrive = bus.send + state.row_payload[std::size_t{row} * chunks + chunk];
    return bus;
}

/// Per-lane sums, kept in registers over a whole result.
struct VectorSums {
    // Written out: a generated constructor would miss the instruction set of this pass.
    HWY_INLINE VectorSums()
        : issued(hn::Zero(Tag())),
          effectual(hn::Zero(Tag())),
          mac_cycles(hn::Zero(Tag())),
          issue_cycles(hn::Zero(Tag())),
          cost_cycles(hn::Zero(Tag())),
          wait_sibling(hn::Zero(Tag())),
          wait_operand(hn::Zero(Tag())) {}
    Vec issued;
    Vec effectual;
    Vec mac_cycles;
    Vec issue_cycles;
    Vec cost_cycles;
    Vec wait_sibling;
    Vec wait_operand;
};

struct FirstChunkSums {
    HWY_INLINE FirstChunkSums()
        : wait_memory(hn::Zero(Tag())),
          wait_weight(hn::Zero(Tag())),
          idle(hn::Zero(Tag())),
          wait_drain(hn::Zero(Tag())) {}
    Vec wait_memory;
    Vec wait_weight;
    Vec idle;
    Vec wait_drain;
};

/// p0 … p3 of a tile's or result's first chunk: memory, weight, no place.
HWY_INLINE Vec wait_before_first(const ArrayState& state, const ResultView& result, RowBus bus,
                                 std::size_t lane, Vec free, Vec mask, FirstChunkSums& sums) {
    const Vec memory = hn::Max(free, splat(result.input_ready));
    const Vec weight = hn::Max(memory, splat(result.weight_ready));
    const Vec place = hn::Max(weight, hn::Max(splat(bus.free), load(&state.lane_bus_free[lane])));
    sums.wait_memory = hn::Add(sums.wait_memory, hn::And(mask, hn::Sub(memory, free)));
    sums.wait_weight = hn::Add(sums.wait_weight, hn::And(mask, hn::Sub(weight, memory)));
    sums.idle = hn::Add(sums.idle, hn::And(mask, hn::Sub(place, weight)));
    return place;
}

template <bool kEffectualApart, bool kUnitWidth>
HWY_INLINE Vec count_work(const ArrayState& state, const ResultView& result, std::uint32_t row,
                          std::uint32_t chunk, std::size_t lane, Vec mask,
                          const CeilDivider& divide, VectorSums& sums) {
    const std::uint32_t words = state.params.words_per_chunk();
    const std::size_t row_at = (std::size_t{row} * result.chunks + chunk) * words;
    const std::size_t column_at = std::size_t{chunk} * words * state.lanes + lane;
    const Vec issued =
        hn::And(mask, ones_of_and(result.row_issue + row_at, result.column_issue + column_at, words,
                                  state.lanes));
    Vec effectual = issued;
    if (kEffectualApart) {
        effectual = ones_of_and(result.row_nonzero + row_at, result.column_nonzero + column_at,
                                words, state.lanes);
        effectual = hn::And(mask, effectual);
    }
    const std::uint64_t* needed = result.needed == nullptr
                                      ? state.all_needed.data() + lane
                                      : result.needed + std::size_t{row} * state.lanes + lane;
    effectual = hn::And(effectual, load(needed));
    const Vec issue_cycles = kUnitWidth ? issued : divide(issued);
    sums.issued = hn::Add(sums.issued, issued);
    sums.effectual = hn::Add(sums.effectual, effectual);
    if (!kUnitWidth) {
        sums.issue_cycles = hn::Add(sums.issue_cycles, issue_cycles);
        sums.mac_cycles = hn::Add(sums.mac_cycles, divide(effectual));
    }
    return issue_cycles;
}

template <bool kFirst, bool kEffectualApart, bool kUnitWidth>
HWY_INLINE void advance_row(ArrayState& state, const ResultView& result, std::uint32_t row,
                            std::uint32_t chunk, RowBus bus, Vec minimum_cost,
                            const CeilDivider& divide, VectorSums& sums, FirstChunkSums& first) {
    const std::size_t pe_row = std::size_t{row} * state.lanes;
    std::uint64_t* slot_free =
        state.slot_free.data() + std::size_t{state.slot} * state.params.rows * state.lanes + pe_row;
    std::uint64_t* lane_free = state.lane_slot_free.data() + std::size_t{state.slot} * state.lanes;
    const Vec row_send = splat(bus.send);
    const Vec row_arrive = splat(bus.arrive);
    const Vec one = splat(1);
    Vec row_latest = hn::Zero(Tag());
    for (std::size_t lane = 0; lane < state.columns_active; lane += hn::Lanes(Tag())) {
        const Vec mask = load(&state.lane_mask[lane]);
        const Vec issue_cycles = count_work<kEffectualApart, kUnitWidth>(state, result, row, chunk,
                                                                         lane, mask, divide, sums);
        const Vec free = load(&state.pe_free[pe_row + lane]);
        Vec waited = free;
        if (kFirst) {
            waited = wait_before_first(state, result, bus, lane, free, mask, first);
        }
        const Vec sent = hn::Max(waited, hn::Max(row_send, load(&state.lane_send[lane])));
        const Vec arrived = hn::Max(sent, hn::Max(row_arrive, load(&state.lane_arrive[lane])));
        Vec start = arrived;
        if (kFirst && result.starts_result) {
            start = hn::Max(arrived, load(&state.drained_before[pe_row + lane]));
            first.wait_drain = hn::Add(first.wait_drain, hn::And(mask, hn::Sub(start, arrived)));
        }
        const Vec cost = hn::Max(minimum_cost, issue_cycles);
        sums.wait_sibling = hn::Add(sums.wait_sibling, hn::And(mask, hn::Sub(sent, waited)));
        sums.wait_operand = hn::Add(sums.wait_operand, hn::And(mask, hn::Sub(arrived, sent)));
        sums.cost_cycles = hn::Add(sums.cost_cycles, hn::And(mask, cost));
        // Columns without a place keep their state.
        const auto active = hn::MaskFromVec(mask);
        const Vec freed = hn::IfThenElse(active, hn::Add(start, one), load(slot_free + lane));
        store(hn::IfThenElse(active, hn::Add(start, cost), free), &state.pe_free[pe_row + lane]);
        store(freed, slot_free + lane);
        store(row == 0 ? freed : hn::Max(freed, load(lane_free + lane)), lane_free + lane);
        row_latest = hn::Max(row_latest, hn::And(mask, freed));
    }
    state.row_slot_free[std::size_t{state.slot} * state.params.rows + row] =
        static_cast<std::uint64_t>(hn::GetLane(hn::MaxOfLanes(Tag(), row_latest)));
    state.row_bus_free[row] = bus.arrive;
}

template <bool kFirst, bool kEffectualApart, bool kUnitWidth>
HWY_INLINE void advance_chunk(ArrayState& state, const ResultView& result, std::uint32_t chunk,
                              Vec minimum_cost, const CeilDivider& divide, VectorSums& sums,
                              FirstChunkSums& first) {
    const std::uint64_t ready = kFirst ? std::max(result.input_ready, result.weight_ready) : 0;
    send_on_columns(state, chunk, ready);
    for (std::uint32_t row = 0; row < state.rows_active; ++row) {
        const RowBus bus = send_on_row(state, row, chunk, result.chunks, ready);
        advance_row<kFirst, kEffectualApart, kUnitWidth>(state, result, row, chunk, bus,
                                                         minimum_cost, divide, sums, first);
    }
    for (std::size_t lane = 0; lane < state.columns_active; lane += hn::Lanes(Tag())) {
        const Vec mask = load(&state.lane_mask[lane]);
        store(hn::IfVecThenElse(mask, load(&state.lane_arrive[lane]),
                                load(&state.lane_bus_free[lane])),
              &state.lane_bus_free[lane]);
    }
    state.slot = state.slot + 1 == state.params.fifo_depth_chunks ? 0 : state.slot + 1;
}

template <bool kEffectualApart, bool kUnitWidth>
void run_result_as(ArrayState& state, const ResultView& result) {
    const CeilDivider divide(state.params.issue_width_pairs);
    const std::uint32_t scan = state.params.scan_bits;
    const std::uint32_t scan_cycles =
        scan == 0 ? 1 : (state.params.chunk_operands + scan - 1) / scan;
    const Vec minimum_cost = splat(scan_cycles);
    VectorSums sums;
    FirstChunkSums first;
    advance_chunk<true, kEffectualApart, kUnitWidth>(state, result, 0, minimum_cost, divide, sums,
                                                     first);
    for (std::uint32_t chunk = 1; chunk < result.chunks; ++chunk) {
        advance_chunk<false, kEffectualApart, kUnitWidth>(state, result, chunk, minimum_cost,
                                                          divide, sums, first);
    }
    ChunkSums& total = state.sums;
    total.issued += sum_of(sums.issued);
    total.effectual += sum_of(sums.effectual);
    total.mac_cycles += sum_of(kUnitWidth ? sums.effectual : sums.mac_cycles);
    total.issue_cycles += sum_of(kUnitWidth ? sums.issued : sums.issue_cycles);
    total.cost_cycles += sum_of(sums.cost_cycles);
    total.wait_sibling += sum_of(sums.wait_sibling);
    total.wait_operand += sum_of(sums.wait_operand);
    total.wait_memory += sum_of(first.wait_memory);
    total.wait_weight += sum_of(first.wait_weight);
    total.idle += sum_of(first.idle);
    total.wait_drain += sum_of(first.wait_drain);
}

void run_result_here(ArrayState& state, const ResultView& result) {
    const bool apart = result.row_nonzero != nullptr;
    if (state.params.issue_width_pairs == 1) {
        apart ? run_result_as<true, true>(state, result)
              : run_result_as<false, true>(state, result);
    } else {
        apart ? run_result_as<true, false>(state, result)
              : run_result_as<false, false>(state, result);
    }
}

void count_groups_here(const std::uint64_t* words, std::size_t count, std::uint32_t words_per_group,
                       std::uint64_t* ones) {
    for (std::size_t group = 0; group < count; ++group) {
        std::uint64_t sum = 0;
        for (std::uint32_t word = 0; word < words_per_group; ++word) {
            sum += hwy::PopCount(words[group * words_per_group + word]);
        }
        ones[group] = sum;
    }
}

}  // namespace
}  // namespace skipsim::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace skipsim::core {

HWY_EXPORT(run_result_here);
HWY_EXPORT(count_groups_here);

void run_result(ArrayState& state, const ResultView& result) {
    HWY_DYNAMIC_DISPATCH(run_result_here)(state, result);
}

void count_groups(const std::uint64_t* words, std::size_t count, std::uint32_t words_per_group,
                  std::uint64_t* ones) {
    HWY_DYNAMIC_DISPATCH(count_groups_here)(words, count, words_per_group, ones);
}

}  // namespace skipsim::core
#endif  // HWY_ONCE
