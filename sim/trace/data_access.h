// SPDX-License-Identifier: Apache-2.0
// Finds datasets by their place in a trace and reads them with the checks of traces/FORMAT.md that
// need the data: padding bits, finite values, ranges. Private to sim/trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/base/bit_tensor.h"
#include "sim/trace/facts.h"
#include "sim/trace/hdf5_data.h"

namespace skipsim::trace {

class DataAccess {
public:
    explicit DataAccess(const std::string& path) : file_(path) {}

    [[nodiscard]] const Hdf5File& file() const { return file_; }

    /// The group at "/a/b/c", or nothing if a step is missing.
    [[nodiscard]] std::optional<Group> group(const std::string& path);
    /// The dataset `name` in that group, or nothing.
    [[nodiscard]] std::optional<Dataset> dataset(const std::string& group_path,
                                                 const std::string& name);

    /// Rows of bits of a [samples, bytes] dataset; checks the padding bits.
    [[nodiscard]] base::BitTensor bits(const Dataset& data, std::uint64_t first,
                                       std::uint64_t count, std::uint64_t elements);
    /// Bits of a one-axis dataset as words.
    [[nodiscard]] std::vector<std::uint64_t> words(const Dataset& data, std::uint64_t elements);
    /// Finite values.
    [[nodiscard]] std::vector<float> floats(const Dataset& data, std::uint64_t first,
                                            std::uint64_t count);
    /// The lists of a `samples` group or of an epoch. `id_limit`: ids are below it.
    [[nodiscard]] SampleFacts samples(const std::string& group_path, std::uint64_t first,
                                      std::uint64_t count, std::uint64_t id_limit);
    /// The group that holds a parameter's data: the iteration's own or the one it refers to.
    [[nodiscard]] std::optional<std::string> parameter_path(std::uint64_t iteration,
                                                            const std::string& network,
                                                            const std::string& parameter);

private:
    /// False if it is not in the file. Throws for what is there but is of another kind or cannot be
    /// read: taken for absent, its elements would silently count as not zero.
    [[nodiscard]] bool is_there(const Group& group, const std::string& name, Member kind) const;

    Hdf5File file_;
    Band cache_;
};

}  // namespace skipsim::trace
