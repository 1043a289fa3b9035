// SPDX-License-Identifier: Apache-2.0
#include "sim/system/memory_plan.h"

#include <algorithm>
#include <set>

#include "sim/base/bits.h"
#include "sim/base/check.h"

namespace skipsim::system {
namespace {

using accelerator::TensorSpace;
using memory::TensorId;

constexpr std::uint64_t kAlignment = 4096;  // [bytes] of a tensor's place in DRAM
constexpr int kValueCopy = 100;             // pixel-major copies, by the layer that reads them
constexpr int kGradientCopy = 101;

int space_number(TensorSpace space) {
    // The bitmap is part of the value.
    return static_cast<int>(space == TensorSpace::bitmap ? TensorSpace::value : space);
}

bool outlives_iteration(int space) {
    return space == static_cast<int>(TensorSpace::parameter) ||
           space == static_cast<int>(TensorSpace::master) ||
           space == static_cast<int>(TensorSpace::momentum) ||
           space == static_cast<int>(TensorSpace::second_moment);
}

bool is_alias_forward(trace::OperatorKind kind) {
    return kind == trace::OperatorKind::kFlatten || kind == trace::OperatorKind::kReshape ||
           kind == trace::OperatorKind::kIdentity;
}

}  // namespace

MemoryPlan::MemoryPlan(const trace::TraceReader& reader, VectorRows& vector_rows,
                       const std::vector<PlannedRow>& rows,
                       const std::vector<accelerator::VectorWork>& works)
    : reader_(reader), vector_rows_(vector_rows) {
    samples_ = rows.empty() ? 0 : reader.iterations()[rows.front().place.iteration].samples;
    for (std::size_t row = 0; row < rows.size(); ++row) {
        add_row(rows[row], works[row]);
    }
    find_last_reads();
}

void MemoryPlan::add_row(const PlannedRow& planned, const accelerator::VectorWork& work) {
    RowMemory row;
    const trace::Operator& step =
        reader_.networks()[planned.place.network].graph.operators[planned.place.layer];
    if (step.is_layer() && planned.stage != stats::Stage::wu) {
        add_layer(planned, row);
    }
    for (const accelerator::VectorPass& pass : work.passes) {
        row.passes.emplace_back();
        add_pass(planned, pass, row, row.passes.back());
    }
    add_pass(planned, work.beside, row, row.beside);
    add_aliases(planned);
    rows_.push_back(std::move(row));
}

void MemoryPlan::add_layer(const PlannedRow& planned, RowMemory& row) {
    const std::uint32_t network = planned.place.network;
    const std::uint32_t layer = planned.place.layer;
    const trace::Graph& graph = reader_.networks()[network].graph;
    const trace::Operator& step = graph.operators[layer];
    const std::uint32_t x = step.inputs.front();
    const std::uint32_t y = step.outputs.front();
    const std::uint32_t w = graph.weight_of(layer);
    const bool trains = vector_rows_.trains(planned.place);
    const accelerator::VectorTensor in = vector_rows_.tensor(planned.place, x, trains);
    const accelerator::VectorTensor out = vector_rows_.tensor(planned.place, y, trains);
    const int value = space_number(TensorSpace::value);
    const int gradient = space_number(TensorSpace::gradient);
    const int parameter = space_number(TensorSpace::parameter);
    const std::uint64_t weight_bytes = vector_rows_.weight_bytes(planned.place, w);
    const auto read = [&](int space, std::uint32_t index, std::uint64_t bytes) {
        const TensorId id = read_id({network, space, index, 0}, bytes);
        use(row, id, bytes, false, space);
        return id;
    };
    const auto write = [&](int space, std::uint32_t index, std::uint64_t bytes) {
        const TensorId id = write_id({network, space, index, 0}, bytes);
        use(row, id, bytes, true, space);
        return id;
    };
    const auto copy = [&](int space, std::uint64_t bytes) {
        row.beside.writes.push_back({write(space, layer, bytes), bytes});
    };
    if (planned.stage == stats::Stage::ff) {
        row.input = read(value, x, in.value_bytes);
        row.weight = read(parameter, w, weight_bytes);
        row.output = write(value, y, out.value_bytes);
        if (trains) {
            copy(kValueCopy, vector_rows_.copy_bytes(in.elements));
        }
    } else if (planned.stage == stats::Stage::bp) {
        row.input = read(gradient, y, out.gradient_bytes);
        row.weight = read(parameter, w, weight_bytes);
        row.output = write(gradient, x, in.gradient_bytes);
        copy(kGradientCopy, vector_rows_.copy_bytes(out.elements));
    } else {
        row.input = read(kValueCopy, layer, vector_rows_.copy_bytes(in.elements));
        if (!step.input_gradient) {
            copy(kGradientCopy, vector_rows_.copy_bytes(out.elements));
        }
        row.weight = read(kGradientCopy, layer, vector_rows_.copy_bytes(out.elements));
        row.output = write(space_number(TensorSpace::parameter_gradient), w,
                           vector_rows_.weight_gradient_bytes(planned.place, w));
    }
}

void MemoryPlan::add_pass(const PlannedRow& planned, const accelerator::VectorPass& pass,
                          RowMemory& row, PassMemory& memory) {
    const auto key_of = [&](const accelerator::TensorTraffic& traffic) {
        return Key{planned.place.network, space_number(traffic.space), traffic.index,
                   traffic.space == TensorSpace::saved ? traffic.bytes : 0};
    };
    for (const accelerator::TensorTraffic& traffic : pass.reads) {
        const int space = space_number(traffic.space);
        const TensorId id = read_id(key_of(traffic), traffic.bytes);
        use(row, id, traffic.bytes, false, space, traffic.space != TensorSpace::bitmap);
        memory.reads.push_back({id, traffic.bytes});
    }
    for (const accelerator::TensorTraffic& traffic : pass.writes) {
        const TensorId id = write_id(key_of(traffic), traffic.bytes);
        use(row, id, traffic.bytes, true, space_number(traffic.space));
        memory.writes.push_back({id, traffic.bytes});
    }
}

/// Address changes: the output of a flatten is its input; an add passes its gradient on as it is.
void MemoryPlan::add_aliases(const PlannedRow& planned) {
    const std::uint32_t network = planned.place.network;
    const trace::Operator& step = reader_.networks()[network].graph.operators[planned.place.layer];
    const int value = space_number(TensorSpace::value);
    const int gradient = space_number(TensorSpace::gradient);
    if (planned.stage == stats::Stage::ff && is_alias_forward(step.kind)) {
        aliases_[{network, value, step.outputs.front(), 0}] = {network, value, step.inputs.front(),
                                                               0};
    }
    if (planned.stage == stats::Stage::bp &&
        (is_alias_forward(step.kind) || step.kind == trace::OperatorKind::kAdd)) {
        for (const std::uint32_t input : step.inputs) {
            const Key key{network, gradient, input, 0};
            if (ids_.count(key) == 0) {  // nothing was written under its own name
                aliases_[key] = {network, gradient, step.outputs.front(), 0};
            }
        }
    }
}

void MemoryPlan::use(RowMemory& row, TensorId id, std::uint64_t bytes, bool is_written, int space,
                     bool may_be_placed) {
    for (memory::TensorUse& known : row.uses) {
        if (known.id == id) {
            known.is_read |= !is_written && !known.is_written;  // else this row has written it
            known.is_written |= is_written;
            known.bytes = std::max(known.bytes, bytes);
            known.may_be_placed |= may_be_placed;
            return;
        }
    }
    memory::TensorUse use;
    use.id = id;
    use.bytes = bytes;
    use.is_read = !is_written;
    use.is_written = is_written;
    use.outlives_iteration = outlives_iteration(space);
    use.may_be_placed = may_be_placed;
    row.uses.push_back(use);
}

TensorId MemoryPlan::id_of(const Key& key, std::uint64_t bytes) {
    const auto known = ids_.find(key);
    if (known != ids_.end()) {
        return known->second;
    }
    const auto id = static_cast<TensorId>(addresses_.size());
    ids_.emplace(key, id);
    addresses_.add(next_address_);
    next_address_ += base::ceil_divide(place_bytes(key, bytes), kAlignment) * kAlignment;
    return id;
}

/// Room for the dense form, so that places do not depend on values.
std::uint64_t MemoryPlan::place_bytes(const Key& key, std::uint64_t bytes) const {
    const auto& [network, space, index, size] = key;
    const trace::Graph& graph = reader_.networks()[network].graph;
    if (space == space_number(TensorSpace::value) || space == space_number(TensorSpace::gradient)) {
        return std::max(bytes, vector_rows_.dense_bytes(graph.tensors[index].elements(), samples_));
    }
    return bytes;
}

TensorId MemoryPlan::read_id(const Key& key, std::uint64_t bytes) {
    Key found = key;
    for (auto alias = aliases_.find(found); alias != aliases_.end(); alias = aliases_.find(found)) {
        found = alias->second;
    }
    return id_of(found, bytes);
}

TensorId MemoryPlan::write_id(const Key& key, std::uint64_t bytes) {
    aliases_.erase(key);
    return id_of(key, bytes);
}

void MemoryPlan::find_last_reads() {
    std::set<TensorId> read_later;
    for (auto row = rows_.rbegin(); row != rows_.rend(); ++row) {
        for (memory::TensorUse& use : row->uses) {
            use.outlives_row = read_later.count(use.id) != 0;
        }
        for (const memory::TensorUse& use : row->uses) {
            if (use.is_read) {
                read_later.insert(use.id);
            } else {
                read_later.erase(use.id);  // what was there before is overwritten
            }
        }
    }
}

}  // namespace skipsim::system
