// SPDX-License-Identifier: Apache-2.0
#include "models/memory/tensor_cache.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace skipsim::memory {
namespace {

using testing::ElementsAre;

TensorUse read(TensorId id, std::uint64_t bytes) {
    TensorUse use;
    use.id = id;
    use.bytes = bytes;
    use.is_read = true;
    return use;
}

TensorUse written(TensorId id, std::uint64_t bytes, bool outlives_row) {
    TensorUse use;
    use.id = id;
    use.bytes = bytes;
    use.is_written = true;
    use.outlives_row = outlives_row;
    return use;
}

/// "fill 1", "prefetch 2", "write 3"
std::vector<std::string> names(const std::vector<TensorMove>& moves) {
    std::vector<std::string> out;
    for (const TensorMove& move : moves) {
        const char* kind = move.kind == TensorMove::Kind::fill       ? "fill "
                           : move.kind == TensorMove::Kind::prefetch ? "prefetch "
                                                                     : "write ";
        out.push_back(kind + std::to_string(move.id));
    }
    return out;
}

TEST(TensorCache, KeepsWhatFitsBesideTheRowsOtherOperands) {
    TensorCache cache(100);
    // 60 + 30 fit, 20 more do not: streamed.
    EXPECT_THAT(names(cache.begin_row({read(1, 60), read(2, 30), written(3, 20, true)}, {})),
                ElementsAre("fill 1", "fill 2"));
    EXPECT_FALSE(cache.holds(3));
    EXPECT_EQ(cache.used_bytes(), 90u);
    EXPECT_THAT(names(cache.begin_row({read(2, 30)}, {})), ElementsAre()) << "it is there";
}

TEST(TensorCache, EvictsTheOneThatWasUsedLongestAgo) {
    TensorCache cache(100);
    cache.begin_row({read(1, 40)}, {});
    cache.begin_row({read(2, 40)}, {});
    cache.begin_row({read(1, 40)}, {});  // now 2 is the older one
    cache.begin_row({read(3, 40)}, {});
    EXPECT_TRUE(cache.holds(1));
    EXPECT_FALSE(cache.holds(2));
}

TEST(TensorCache, WritesBackWhatIsStillNeededAndDropsTheRest) {
    TensorCache cache(100);
    cache.begin_row({written(1, 50, true), written(2, 50, false)}, {});
    EXPECT_THAT(names(cache.begin_row({read(3, 100)}, {})), ElementsAre("write 1", "fill 3"));
}

TEST(TensorCache, FetchesAheadOnlyIntoRoomThatNeitherRowNeeds) {
    TensorCache cache(100);
    EXPECT_THAT(names(cache.begin_row({read(1, 60)}, {read(1, 60), read(2, 40)})),
                ElementsAre("fill 1", "prefetch 2"));
    // 3 would have to push out an operand of this row or of the next: not fetched ahead.
    EXPECT_THAT(names(cache.begin_row({read(1, 60)}, {read(2, 40), read(3, 30)})), ElementsAre());
    // What this row writes is not fetched.
    EXPECT_THAT(names(cache.begin_row({written(4, 30, true)}, {read(4, 30)})), ElementsAre());
}

TEST(TensorCache, AnIterationLeavesBehindWhatOutlivesIt) {
    TensorCache cache(100);
    TensorUse parameter = written(1, 10, false);
    parameter.outlives_iteration = true;
    cache.begin_row({parameter, written(2, 10, true)}, {});
    EXPECT_THAT(names(cache.end_iteration()), ElementsAre("write 1"));
    EXPECT_EQ(cache.used_bytes(), 0u);
}

TEST(TensorCache, NothingIsKeptWithoutABuffer) {
    TensorCache cache(0);
    EXPECT_THAT(names(cache.begin_row({read(1, 1)}, {read(2, 1)})), ElementsAre());
    EXPECT_FALSE(cache.holds(1));
}

}  // namespace
}  // namespace skipsim::memory
