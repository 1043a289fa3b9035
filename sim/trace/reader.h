// SPDX-License-Identifier: Apache-2.0
// Random access to a trace file (traces/FORMAT.md). Opening checks the structure and the size of
// everything against the network graph before any data is read or allocated; every read checks
// its data (checksums, padding bits, finite values). Memory is bounded by what one call returns
// plus one band of chunks, not by the file.
//
// Every problem is a base::InputError whose lines read "FILE:/path/in/file: what was expected,
// what was found". The first look at a file happens in a child process with limits, since the
// HDF5 library itself can fail on a file made to hurt it; open readers before starting threads.
// One reader belongs to one thread; two readers may not be used at the same time from two threads.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bit_tensor.h"
#include "sim/trace/facts.h"

namespace skipsim::trace {

class TraceReader {
public:
    explicit TraceReader(const std::string& path, WrongFacts wrong_facts = WrongFacts::kRefused);
    ~TraceReader();
    TraceReader(TraceReader&&) noexcept;
    TraceReader& operator=(TraceReader&&) noexcept;
    TraceReader(const TraceReader&) = delete;
    TraceReader& operator=(const TraceReader&) = delete;

    [[nodiscard]] const std::string& path() const;
    /// Checksum of the whole file; reads it on the first call.
    [[nodiscard]] const std::string& sha256() const;

    [[nodiscard]] const RunFacts& run() const;
    [[nodiscard]] const Accuracy& accuracy() const;
    [[nodiscard]] const std::vector<Network>& networks() const;
    /// Index of the one network with role student.
    [[nodiscard]] std::uint32_t student() const;
    [[nodiscard]] const std::vector<IterationFacts>& iterations() const;
    /// Things that are allowed but unwise, such as data without checksums; one line each.
    [[nodiscard]] const std::vector<std::string>& notes() const;

    /// Reads the patterns of tensors and parameters of these iterations (which must exist) into
    /// memory: later calls for whole iterations copy from there, and so do those of processes
    /// forked afterwards, which share the memory. Nothing is kept if it takes more than
    /// `limit_bytes`. Returns the bytes kept, roughly. Throws as the reading functions do.
    std::uint64_t keep_decoded(const std::vector<std::uint64_t>& iterations,
                               std::uint64_t limit_bytes);

    // Below: `iteration`, `network`, `tensor`, `parameter` are indices, which must exist.

    [[nodiscard]] SampleFacts samples(std::uint64_t iteration) const;

    /// Patterns of samples first .. first + count - 1, which must lie in the iteration.
    /// nullopt: not in the file; then every element is non-zero, or needed.
    [[nodiscard]] std::optional<base::BitTensor> nonzero(std::uint64_t iteration,
                                                         std::uint32_t network,
                                                         std::uint32_t tensor, std::uint64_t first,
                                                         std::uint64_t count) const;
    [[nodiscard]] std::optional<base::BitTensor> gradient_nonzero(std::uint64_t iteration,
                                                                  std::uint32_t network,
                                                                  std::uint32_t tensor,
                                                                  std::uint64_t first,
                                                                  std::uint64_t count) const;
    [[nodiscard]] std::optional<base::BitTensor> dx_needed(std::uint64_t iteration,
                                                           std::uint32_t network,
                                                           std::uint32_t tensor,
                                                           std::uint64_t first,
                                                           std::uint64_t count) const;
    /// Values, sample after sample; nullopt: not captured.
    [[nodiscard]] std::optional<std::vector<float>> values(std::uint64_t iteration,
                                                           std::uint32_t network,
                                                           std::uint32_t tensor,
                                                           std::uint64_t first,
                                                           std::uint64_t count) const;
    [[nodiscard]] std::optional<std::vector<float>> gradient_values(std::uint64_t iteration,
                                                                    std::uint32_t network,
                                                                    std::uint32_t tensor,
                                                                    std::uint64_t first,
                                                                    std::uint64_t count) const;

    // Parameters; same_as_iteration is followed. Bits are packed, element e in word e/64, bit e%64.

    [[nodiscard]] std::optional<std::vector<float>> weight_values(std::uint64_t iteration,
                                                                  std::uint32_t network,
                                                                  std::uint32_t parameter) const;
    /// From `nonzero`, else from the values, else every kept weight is non-zero; nullopt: nothing
    /// is known, the parameter is dense.
    [[nodiscard]] std::optional<std::vector<std::uint64_t>> weight_nonzero(
        std::uint64_t iteration, std::uint32_t network, std::uint32_t parameter) const;
    /// nullopt: no weight is pruned. A pruned weight whose value or pattern is not zero, and a
    /// coarse run that is not pruned in weight_keep, are problems.
    [[nodiscard]] std::optional<std::vector<std::uint64_t>> weight_keep(
        std::uint64_t iteration, std::uint32_t network, std::uint32_t parameter) const;
    [[nodiscard]] std::optional<CoarseKeep> coarse_keep(std::uint64_t iteration,
                                                        std::uint32_t network,
                                                        std::uint32_t parameter) const;
    [[nodiscard]] std::optional<SampleGradients> sample_gradients(std::uint64_t iteration,
                                                                  std::uint32_t network,
                                                                  std::uint32_t parameter) const;

    /// Problems that WrongFacts::kNamed let pass; the facts they are about have default values.
    [[nodiscard]] const std::vector<std::string>& wrong_facts() const;
    [[nodiscard]] const std::vector<EpochFacts>& epochs() const;
    /// Visits first .. first + count - 1 of epochs()[epoch], which must exist.
    [[nodiscard]] SampleFacts epoch_samples(std::uint64_t epoch, std::uint64_t first,
                                            std::uint64_t count) const;

    [[nodiscard]] const std::vector<PruningEventFacts>& pruning_events() const;
    /// One of pruning_events()[event].parameters.
    [[nodiscard]] PrunedParameter pruned_parameter(std::uint64_t event,
                                                   std::uint32_t parameter) const;

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace skipsim::trace
