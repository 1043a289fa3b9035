// SPDX-License-Identifier: Apache-2.0
// Walks a whole trace once: facts are read, names, attributes, types, shapes and storage of
// everything are compared with the graph. No data of tensors is read. Private to sim/trace.
#pragma once

#include <string>
#include <vector>

#include "sim/trace/facts.h"
#include "sim/trace/hdf5_file.h"

namespace skipsim::trace {

struct Structure {
    RunFacts run;
    Accuracy accuracy;
    std::vector<Network> networks;
    std::uint32_t student = 0;
    std::vector<IterationFacts> iterations;
    std::vector<EpochFacts> epochs;
    std::vector<PruningEventFacts> pruning_events;
    std::vector<std::string> notes;
    std::vector<std::string> wrong_facts;  ///< with WrongFacts::kNamed
};

/// Throws InputError with one line per problem. `checks_datasets` false: a second, quick walk of a
/// file that was checked before, for its facts.
Structure read_structure(const Hdf5File& file, bool checks_datasets, WrongFacts wrong_facts);

/// The full walk in a child process, under limits of time and memory: a file that crashes or stalls
/// the HDF5 library is an InputError like any other. To be called before the file is opened here.
/// Answers the notes.
std::vector<std::string> probe(const std::string& path, WrongFacts wrong_facts);

/// Rows of bits: bytes per sample, or per parameter.
std::uint64_t packed_bytes(std::uint64_t elements);

/// Shape of coarse_keep's blocks for a weight, or empty if the parameter is no conv2d or linear
/// weight. Requires block sizes >= 1.
Shape coarse_blocks(const Shape& weight, std::uint64_t coarse_in, std::uint64_t coarse_out);

/// Path of an iteration's group of a tensor or parameter: kind is "tensors" or "parameters".
std::string member_path(std::uint64_t iteration, const std::string& network,
                        const std::string& kind, const std::string& name);

}  // namespace skipsim::trace
