// SPDX-License-Identifier: Apache-2.0
// The three filters of a trace's chunks, undone one at a time. Formats: HDF5 File Format
// Specification 3.0, section VII (filters 1 to 3). Private to sim/trace.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace skipsim::trace {

/// Checksum as HDF5's fletcher32 filter computes it over 16-bit big-endian words.
std::uint32_t fletcher32(const std::uint8_t* bytes, std::size_t count);

/// Removes the checksum at the end; false if it is absent or wrong.
bool undo_fletcher32(std::vector<std::uint8_t>& data);

/// Inflates a zlib stream that must give exactly `expected_bytes`; false if it does not.
bool undo_deflate(std::vector<std::uint8_t>& data, std::size_t expected_bytes);

/// Brings the bytes of each element together again.
void undo_shuffle(std::vector<std::uint8_t>& data, std::size_t element_bytes);

}  // namespace skipsim::trace
