// SPDX-License-Identifier: Apache-2.0
#include "sim/base/random.h"

#include <cmath>

#include "sim/base/check.h"

namespace skipsim::base {
namespace {

constexpr std::uint64_t rotate_left(std::uint64_t word, unsigned count) noexcept {
    return (word << count) | (word >> (64U - count));
}

std::uint64_t splitmix64(std::uint64_t& state) noexcept {
    state += 0x9e3779b97f4a7c15U;
    std::uint64_t mixed = state;
    mixed = (mixed ^ (mixed >> 30U)) * 0xbf58476d1ce4e5b9U;
    mixed = (mixed ^ (mixed >> 27U)) * 0x94d049bb133111ebU;
    return mixed ^ (mixed >> 31U);
}

}  // namespace

Random::Random(std::uint64_t seed) noexcept {
    for (std::uint64_t& word : state_) {
        word = splitmix64(seed);
    }
}

std::uint64_t Random::next() noexcept {
    const std::uint64_t result = rotate_left(state_[1] * 5, 7) * 9;
    const std::uint64_t shifted = state_[1] << 17U;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = rotate_left(state_[3], 45);
    return result;
}

double Random::uniform_unit() noexcept {
    return static_cast<double>(next() >> 11U) * 0x1.0p-53;
}

std::uint64_t Random::below(std::uint64_t n) {
    require(n > 0, "random: below(0)");
    __extension__ using Wide = unsigned __int128;
    const std::uint64_t smallest_fair = (0 - n) % n;  // 2^64 mod n
    Wide product = Wide{next()} * n;
    while (static_cast<std::uint64_t>(product) < smallest_fair) {
        product = Wide{next()} * n;
    }
    return static_cast<std::uint64_t>(product >> 64U);
}

double Random::normal() noexcept {
    if (has_spare_normal_) {
        has_spare_normal_ = false;
        return spare_normal_;
    }
    double u = 0.0;
    double v = 0.0;
    double square = 0.0;
    do {
        u = 2.0 * uniform_unit() - 1.0;
        v = 2.0 * uniform_unit() - 1.0;
        square = u * u + v * v;
    } while (square >= 1.0 || square == 0.0);
    const double scale = std::sqrt(-2.0 * std::log(square) / square);
    spare_normal_ = v * scale;
    has_spare_normal_ = true;
    return u * scale;
}

}  // namespace skipsim::base
