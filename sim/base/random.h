// SPDX-License-Identifier: Apache-2.0
// Pseudo-random numbers that are the same on every platform and compiler, so that a seed written
// in a result reproduces it. std:: distributions are not used: their algorithms are unspecified.
//
// Source: xoshiro256** 1.0 and splitmix64, Blackman and Vigna, "Scrambled linear pseudorandom
// number generators", ACM TOMS 47(4), 2021. The bounded draw is Lemire's multiply-and-reject
// (ACM TOMACS 29(1), 2019); the normal draw is Marsaglia's polar method.
#pragma once

#include <array>
#include <cstdint>

namespace skipsim::base {

class Random {
public:
    explicit Random(std::uint64_t seed) noexcept;

    /// 64 uniform bits.
    std::uint64_t next() noexcept;
    /// Uniform in [0, 1), a multiple of 2^-53.
    double uniform_unit() noexcept;
    /// Uniform in 0 .. n - 1, without bias. Requires n > 0.
    std::uint64_t below(std::uint64_t n);
    /// Standard normal. log and sqrt come from the C library: the last bit of a value may differ
    /// between C libraries, the sequence of draws does not.
    double normal() noexcept;

private:
    std::array<std::uint64_t, 4> state_{};
    double spare_normal_ = 0.0;
    bool has_spare_normal_ = false;
};

}  // namespace skipsim::base
