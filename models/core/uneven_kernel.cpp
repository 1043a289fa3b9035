// SPDX-License-Identifier: Apache-2.0
// The inner loop of the PE array for uneven tiles: private feeds and jumped chunks. One chunk at a
// time, first what every bus or feed must wait for, then every PE, a vector of columns at a time
// under a mask of receivers. Every PE has a FIFO history of its own.
// The lines follow models/MICROARCHITECTURE.md §6 and §7; the names are those of the page.
#include <algorithm>

#include "models/core/uneven_state.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "models/core/uneven_kernel.cpp"
#include "hwy/foreach_target.h"  // IWYU pragma: keep
#include "hwy/highway.h"
#include "models/core/chunk_vectors.h"

HWY_BEFORE_NAMESPACE();
namespace skipsim::core::HWY_NAMESPACE {
namespace {

HWY_INLINE Vec gather(const std::uint64_t* from, Vec index) {
    return hn::GatherIndex(Tag(), reinterpret_cast<const std::int64_t*>(from), index);
}

/// a * b for factors and products below 2^32.
HWY_INLINE Vec multiply(Vec a, Vec b) {
#if HWY_TARGET == HWY_SCALAR
    return splat(static_cast<std::uint64_t>(hn::GetLane(a) * hn::GetLane(b)));
#else
    const hn::Repartition<std::uint32_t, Tag> narrow;
    return hn::BitCast(Tag(), hn::MulEven(hn::BitCast(narrow, a), hn::BitCast(narrow, b)));
#endif
}

HWY_INLINE std::uint64_t largest_of(Vec values) {
    return static_cast<std::uint64_t>(hn::GetLane(hn::MaxOfLanes(Tag(), values)));
}

/// Per-lane sums, kept over a whole result.
struct UnevenSums {
    // Written out: a generated constructor would miss the instruction set of this pass.
    HWY_INLINE UnevenSums()
        : issued(hn::Zero(Tag())),
          effectual(hn::Zero(Tag())),
          mac_cycles(hn::Zero(Tag())),
          issue_cycles(hn::Zero(Tag())),
          cost_cycles(hn::Zero(Tag())),
          wait_memory(hn::Zero(Tag())),
          wait_weight(hn::Zero(Tag())),
          idle(hn::Zero(Tag())),
          wait_sibling(hn::Zero(Tag())),
          wait_operand(hn::Zero(Tag())),
          wait_drain(hn::Zero(Tag())),
          feed_values(hn::Zero(Tag())),
          feed_words(hn::Zero(Tag())),
          feed_chunks(hn::Zero(Tag())) {}
    Vec issued;
    Vec effectual;
    Vec mac_cycles;
    Vec issue_cycles;
    Vec cost_cycles;
    Vec wait_memory;
    Vec wait_weight;
    Vec idle;
    Vec wait_sibling;
    Vec wait_operand;
    Vec wait_drain;
    Vec feed_values;
    Vec feed_words;
    Vec feed_chunks;
};

/// Of the row bus or the feed, for the PEs of one row.
struct Source {
    std::uint64_t idle;  // h, or 0 if the bus serves this result already
    std::uint64_t send;  // u
    std::uint64_t payload;
};

/// The latest s + 1 that a row bus, a column bus or the feed must wait for.
HWY_INLINE std::uint64_t find_latest(const ArrayState& state, UnevenState& uneven,
                                     const UnevenView& result) {
    Vec overall = hn::Zero(Tag());
    for (std::size_t lane = 0; lane < result.columns; lane += hn::Lanes(Tag())) {
        store(hn::Zero(Tag()), &uneven.lane_latest[lane]);
    }
    for (std::size_t row = 0; row < result.rows; ++row) {
        Vec of_row = hn::Zero(Tag());
        for (std::size_t lane = 0; lane < result.columns; lane += hn::Lanes(Tag())) {
            const std::size_t pe = row * state.lanes + lane;
            const Vec oldest = hn::And(load(&uneven.receives[pe]), load(&uneven.oldest[pe]));
            store(hn::Max(oldest, load(&uneven.lane_latest[lane])), &uneven.lane_latest[lane]);
            of_row = hn::Max(of_row, oldest);
        }
        if (!result.is_private) {
            uneven.row_latest[row] = largest_of(of_row);
        }
        overall = hn::Max(overall, of_row);
    }
    return largest_of(overall);
}

/// The widest chunk of all receivers [cycles], and what the feed reads for them.
HWY_INLINE std::uint64_t serve_privately(const ArrayState& state, const UnevenState& uneven,
                                         const UnevenView& result, std::uint32_t chunk,
                                         UnevenSums& sums) {
    const Vec field = splat(RowEntry::kFieldMask);
    const Vec at_chunk = splat(chunk);
    Vec widest = hn::Zero(Tag());
    for (std::size_t row = 0; row < result.rows; ++row) {
        for (std::size_t lane = 0; lane < result.columns; lane += hn::Lanes(Tag())) {
            const std::size_t pe = row * state.lanes + lane;
            const Vec mask = load(&uneven.receives[pe]);
            const Vec index = hn::Add(load(&uneven.row_base[pe]), at_chunk);
            const Vec entry = hn::And(mask, gather(result.row_entries, index));
            widest = hn::Max(widest, hn::And(entry, field));
            sums.feed_values = hn::Add(
                sums.feed_values, hn::And(hn::ShiftRight<RowEntry::kValuesShift>(entry), field));
            sums.feed_words =
                hn::Add(sums.feed_words, hn::ShiftRight<RowEntry::kWordsShift>(entry));
            sums.feed_chunks = hn::Sub(sums.feed_chunks, mask);  // a mask is -1
        }
    }
    return largest_of(widest);
}

HWY_INLINE void send_on_columns(ArrayState& state, UnevenState& uneven, const UnevenView& result,
                                std::uint32_t chunk) {
    const std::uint64_t* payload = state.lane_payload.data() + std::size_t{chunk} * state.lanes;
    const Vec ready = splat(result.ready);
    for (std::size_t lane = 0; lane < result.columns; lane += hn::Lanes(Tag())) {
        const Vec free = load(&state.lane_bus_free[lane]);
        const Vec mask = load(&uneven.lane_receives[lane]);
        const Vec sent = load(&uneven.lane_sent[lane]);
        const Vec send = hn::Max(hn::Max(free, ready), load(&uneven.lane_latest[lane]));
        const Vec arrive = hn::Add(send, load(payload + lane));
        store(hn::AndNot(sent, free), &uneven.lane_idle[lane]);
        store(send, &state.lane_send[lane]);
        store(arrive, &state.lane_arrive[lane]);
        store(hn::IfVecThenElse(mask, arrive, free), &state.lane_bus_free[lane]);
        store(hn::Or(sent, mask), &uneven.lane_sent[lane]);
    }
}

template <bool kPrivate>
HWY_INLINE Vec ones_of_pair(const ArrayState& state, const std::uint64_t* rows, Vec row_index,
                            std::size_t row_at, const std::uint64_t* column) {
    const CountTag count_tag;
    const std::uint32_t words = state.params.words_per_chunk();
    if (!kPrivate) {
        return ones_of_and(rows + row_at, column, words, state.lanes);
    }
    auto ones = hn::Zero(count_tag);
    for (std::uint32_t word = 0; word < words; ++word) {
        const Vec both = hn::And(gather(rows, hn::Add(row_index, splat(word))),
                                 load(column + std::size_t{word} * state.lanes));
        ones = hn::Add(ones, hn::PopulationCount(hn::BitCast(count_tag, both)));
    }
    return hn::BitCast(Tag(), ones);
}

template <bool kPrivate>
HWY_INLINE Vec count_work(const ArrayState& state, const UnevenState& uneven,
                          const UnevenView& result, std::size_t row, std::uint32_t chunk,
                          std::size_t lane, Vec mask, const CeilDivider& divide, UnevenSums& sums) {
    const std::size_t words = state.params.words_per_chunk();
    const std::size_t row_at = (row * result.chunks + chunk) * words;
    const std::size_t column_at = chunk * words * state.lanes + lane;
    const std::size_t pe = row * state.lanes + lane;
    const Vec index = hn::Add(load(&uneven.word_base[pe]), splat(chunk * words));
    const Vec issued = hn::And(mask, ones_of_pair<kPrivate>(state, result.row_issue, index, row_at,
                                                            result.column_issue + column_at));
    Vec effectual = issued;
    if (result.row_nonzero != nullptr) {
        effectual = hn::And(mask, ones_of_pair<kPrivate>(state, result.row_nonzero, index, row_at,
                                                         result.column_nonzero + column_at));
    }
    if (result.needed != nullptr) {
        effectual = hn::And(effectual, load(result.needed + row * state.lanes + lane));
    }
    const Vec issue_cycles = divide(issued);
    sums.issued = hn::Add(sums.issued, issued);
    sums.effectual = hn::Add(sums.effectual, effectual);
    sums.issue_cycles = hn::Add(sums.issue_cycles, issue_cycles);
    sums.mac_cycles = hn::Add(sums.mac_cycles, divide(effectual));
    return issue_cycles;
}

HWY_INLINE void keep_history(ArrayState& state, UnevenState& uneven, std::size_t pe, Vec mask,
                             Vec freed) {
    const std::size_t pes = uneven.ring_at.size();
    const std::size_t ring = pes * state.params.fifo_depth_chunks;
    const Vec at = load(&uneven.ring_at[pe]);
    auto* history = reinterpret_cast<std::int64_t*>(state.slot_free.data());
    // Without a chunk the oldest entry is written over itself.
    hn::ScatterIndex(hn::IfVecThenElse(mask, freed, load(&uneven.oldest[pe])), Tag(), history, at);
    Vec next = hn::Add(at, hn::And(mask, splat(pes)));
    const Vec past_end = hn::VecFromMask(Tag(), hn::Gt(next, splat(ring - 1)));
    next = hn::Sub(next, hn::And(past_end, splat(ring)));
    store(next, &uneven.ring_at[pe]);
    store(hn::GatherIndex(Tag(), history, next), &uneven.oldest[pe]);
}

template <bool kPrivate>
HWY_INLINE void advance_row(ArrayState& state, UnevenState& uneven, const UnevenView& result,
                            std::size_t row, std::uint32_t chunk, const Source& source,
                            Vec minimum_cost, const CeilDivider& divide, UnevenSums& sums) {
    const Vec source_idle = splat(source.idle);
    const Vec source_send = splat(source.send);
    for (std::size_t lane = 0; lane < result.columns; lane += hn::Lanes(Tag())) {
        const std::size_t pe = row * state.lanes + lane;
        const Vec mask = load(&uneven.receives[pe]);
        const Vec issue_cycles =
            count_work<kPrivate>(state, uneven, result, row, chunk, lane, mask, divide, sums);
        const Vec free = load(&state.pe_free[pe]);
        const Vec memory = hn::Max(free, splat(result.input_ready));
        const Vec weight = hn::Max(memory, splat(result.weight_ready));
        const auto& source_place = kPrivate ? uneven.feed_place : uneven.row_place;
        const Vec idle = hn::Max(hn::AndNot(load(&source_place[pe]), source_idle),
                                 load(&uneven.lane_idle[lane]));
        Vec source_arrive = splat(source.send + source.payload);
        if (kPrivate) {
            source_arrive =
                hn::Add(source_send, multiply(load(&uneven.feed_slot[pe]), splat(source.payload)));
        }
        const Vec placed = hn::Max(weight, idle);
        const Vec sent = hn::Max(placed, hn::Max(source_send, load(&state.lane_send[lane])));
        const Vec arrived = hn::Max(sent, hn::Max(source_arrive, load(&state.lane_arrive[lane])));
        const Vec open = load(&uneven.open[pe]);
        const Vec start = hn::Max(arrived, hn::AndNot(open, load(&state.drained_before[pe])));
        const Vec cost = hn::Max(minimum_cost, issue_cycles);
        const auto add = [mask](Vec& sum, Vec until, Vec from)
                             HWY_ATTR { sum = hn::Add(sum, hn::And(mask, hn::Sub(until, from))); };
        add(sums.wait_memory, memory, free);
        add(sums.wait_weight, weight, memory);
        add(sums.idle, placed, weight);
        add(sums.wait_sibling, sent, placed);
        add(sums.wait_operand, arrived, sent);
        add(sums.wait_drain, start, arrived);
        sums.cost_cycles = hn::Add(sums.cost_cycles, hn::And(mask, cost));
        store(hn::IfVecThenElse(mask, hn::Add(start, cost), free), &state.pe_free[pe]);
        store(hn::Or(open, mask), &uneven.open[pe]);
        keep_history(state, uneven, pe, mask, hn::Add(start, splat(1)));
    }
}

template <bool kPrivate>
HWY_INLINE void advance_chunk(ArrayState& state, UnevenState& uneven, const UnevenView& result,
                              std::uint32_t chunk, Vec minimum_cost, const CeilDivider& divide,
                              UnevenSums& sums) {
    const std::uint64_t latest = find_latest(state, uneven, result);
    send_on_columns(state, uneven, result, chunk);
    Source source{};
    if (kPrivate) {
        source.idle = uneven.feed_sent ? 0 : uneven.feed_free;
        source.send = std::max({uneven.feed_free, result.ready, latest});
        source.payload = serve_privately(state, uneven, result, chunk, sums);
        uneven.feed_free = source.send + uneven.feed_slots * source.payload;
        uneven.feed_sent = true;
    }
    for (std::size_t row = 0; row < result.rows; ++row) {
        if (uneven.row_receives[row] == 0) {
            continue;
        }
        if (!kPrivate) {
            const std::uint64_t free = state.row_bus_free[row];
            source.idle = uneven.row_sent[row] != 0 ? 0 : free;
            source.send = std::max({free, result.ready, uneven.row_latest[row]});
            source.payload = RowEntry::payload(result.row_entries[row * result.chunks + chunk]);
            state.row_bus_free[row] = source.send + source.payload;
            uneven.row_sent[row] = 1;
        }
        advance_row<kPrivate>(state, uneven, result, row, chunk, source, minimum_cost, divide,
                              sums);
    }
}

void add_sums(const UnevenSums& sums, ChunkSums& total) {
    total.issued += sum_of(sums.issued);
    total.effectual += sum_of(sums.effectual);
    total.mac_cycles += sum_of(sums.mac_cycles);
    total.issue_cycles += sum_of(sums.issue_cycles);
    total.cost_cycles += sum_of(sums.cost_cycles);
    total.wait_memory += sum_of(sums.wait_memory);
    total.wait_weight += sum_of(sums.wait_weight);
    total.idle += sum_of(sums.idle);
    total.wait_sibling += sum_of(sums.wait_sibling);
    total.wait_operand += sum_of(sums.wait_operand);
    total.wait_drain += sum_of(sums.wait_drain);
    total.feed_values += sum_of(sums.feed_values);
    total.feed_words += sum_of(sums.feed_words);
    total.feed_chunks += sum_of(sums.feed_chunks);
}

template <bool kPrivate>
void run_uneven_as(ArrayState& state, const UnevenView& result) {
    UnevenState& uneven = *state.uneven;
    const CeilDivider divide(state.params.issue_width_pairs);
    const std::uint32_t scan = state.params.scan_bits;
    const Vec minimum_cost = splat(scan == 0 ? 1 : (state.params.chunk_operands + scan - 1) / scan);
    UnevenSums sums;
    for (std::uint32_t chunk = 0; chunk < result.chunks; ++chunk) {
        const std::uint64_t* jumps =
            result.jumped == nullptr ? nullptr : result.jumped + std::size_t{chunk} * state.lanes;
        find_receivers(state, uneven, jumps, result.rows, result.columns);
        if (uneven.feed_slots != 0) {
            advance_chunk<kPrivate>(state, uneven, result, chunk, minimum_cost, divide, sums);
        }
    }
    add_sums(sums, state.sums);
}

void run_uneven_here(ArrayState& state, const UnevenView& result) {
    result.is_private ? run_uneven_as<true>(state, result) : run_uneven_as<false>(state, result);
}

}  // namespace
}  // namespace skipsim::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace skipsim::core {

HWY_EXPORT(run_uneven_here);

void run_uneven_result(ArrayState& state, const UnevenView& result) {
    HWY_DYNAMIC_DISPATCH(run_uneven_here)(state, result);
}

}  // namespace skipsim::core
#endif  // HWY_ONCE
