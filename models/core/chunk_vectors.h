// SPDX-License-Identifier: Apache-2.0
// Vectors of columns, for the two inner loops of the PE array. Compiled once per instruction set:
// the guard below lets each pass of Google Highway include it once.
#if defined(SKIPSIM_MODELS_CORE_CHUNK_VECTORS) == defined(HWY_TARGET_TOGGLE)
#ifdef SKIPSIM_MODELS_CORE_CHUNK_VECTORS
#undef SKIPSIM_MODELS_CORE_CHUNK_VECTORS
#else
#define SKIPSIM_MODELS_CORE_CHUNK_VECTORS
#endif

#include <cstdint>

#include "hwy/highway.h"

HWY_BEFORE_NAMESPACE();
namespace skipsim::core::HWY_NAMESPACE {
namespace {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::CappedTag<std::int64_t, 8>;
using CountTag = hn::RebindToUnsigned<Tag>;
using Vec = hn::Vec<Tag>;

HWY_INLINE Vec load(const std::uint64_t* from) {
    return hn::LoadU(Tag(), reinterpret_cast<const std::int64_t*>(from));
}
HWY_INLINE void store(Vec value, std::uint64_t* to) {
    hn::StoreU(value, Tag(), reinterpret_cast<std::int64_t*>(to));
}
HWY_INLINE Vec splat(std::uint64_t value) {
    return hn::Set(Tag(), static_cast<std::int64_t>(value));
}

/// ceil(x / width) for x <= 512, width <= 64, as a multiplication: the factor is a fraction of
/// 2^20 rounded up, whose error stays below one part in width.
class CeilDivider {
public:
    explicit HWY_INLINE CeilDivider(std::uint32_t width)
        : offset_(splat(width - 1)), factor_(splat((1U << 20) / width + 1)) {}
    HWY_INLINE Vec operator()(Vec x) const {
#if HWY_TARGET == HWY_SCALAR
        return splat(
            static_cast<std::uint64_t>(hn::GetLane(hn::Add(x, offset_)) * hn::GetLane(factor_)) >>
            20);
#else
        const hn::Repartition<std::uint32_t, Tag> narrow;
        const auto product =
            hn::MulEven(hn::BitCast(narrow, hn::Add(x, offset_)), hn::BitCast(narrow, factor_));
        return hn::BitCast(Tag(), hn::ShiftRight<20>(product));
#endif
    }

private:
    Vec offset_;
    Vec factor_;
};

HWY_INLINE Vec ones_of_and(const std::uint64_t* row, const std::uint64_t* column,
                           std::uint32_t words, std::uint32_t lanes) {
    const CountTag count_tag;
    auto ones = hn::Zero(count_tag);
    for (std::uint32_t word = 0; word < words; ++word) {
        const Vec both = hn::And(splat(row[word]), load(column + std::size_t{word} * lanes));
        ones = hn::Add(ones, hn::PopulationCount(hn::BitCast(count_tag, both)));
    }
    return hn::BitCast(Tag(), ones);
}

HWY_INLINE std::uint64_t sum_of(Vec values) {
    return static_cast<std::uint64_t>(hn::GetLane(hn::SumOfLanes(Tag(), values)));
}

}  // namespace
}  // namespace skipsim::core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // per pass
