// SPDX-License-Identifier: Apache-2.0
#include "sim/results/labels.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace skipsim::results {
namespace {

using testing::ElementsAre;

TEST(Labels, AreFolderNamesWhereTheseDiffer) {
    EXPECT_THAT(labels_of({"runs/dense/result.json", "/x/pnpu/", "/x/rows8/result.json"}),
                ElementsAre("dense", "pnpu", "rows8"));
    EXPECT_THAT(labels_of({"runs/a/result.json"}), ElementsAre("a"));
}

TEST(Labels, GrowUntilTheyDiffer) {
    EXPECT_THAT(labels_of({"x/a/run/result.json", "x/b/run/result.json", "y/c/result.json"}),
                ElementsAre("a/run", "b/run", "c"));
    EXPECT_THAT(labels_of({"/1/a/r", "/2/a/r", "/2/b/r"}), ElementsAre("1/a/r", "2/a/r", "b/r"));
}

TEST(Labels, OfAnEndOfAnotherPathIsAllOfIt) {
    EXPECT_THAT(labels_of({"/a", "/x/a"}), ElementsAre("a", "x/a"));
}

TEST(Labels, KeepOtherFileNames) {
    EXPECT_THAT(labels_of({"/x/old.json", "/x/new.json"}), ElementsAre("old.json", "new.json"));
    EXPECT_THAT(labels_of({"/x/../y/old.json", "/y/./new.json"}),
                ElementsAre("old.json", "new.json"));
}

TEST(Labels, OfTheSamePathStayUnique) {
    EXPECT_THAT(labels_of({"/x/a", "/x/b", "/x/a/result.json"}), ElementsAre("a", "b", "a (2)"));
}

TEST(Labels, OfTheRootIsASlash) {
    EXPECT_THAT(labels_of({"/", "/a"}), ElementsAre("/", "a"));
}

}  // namespace
}  // namespace skipsim::results
