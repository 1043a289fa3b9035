// SPDX-License-Identifier: Apache-2.0
#include "sim/base/sha256.h"

#include <gtest/gtest.h>

#include <fstream>
#include <string>

#include "sim/base/errors.h"

namespace skipsim::base {
namespace {

// Digests printed in FIPS 180-2, appendix B, and of the empty string.
constexpr const char* kEmpty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
constexpr const char* kAbc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
constexpr const char* kMillionA =
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0";

TEST(Sha256, GivesThePublishedDigests) {
    EXPECT_EQ(sha256_hex(""), kEmpty);
    EXPECT_EQ(sha256_hex("abc"), kAbc);
    EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), kMillionA);
}

TEST(Sha256, ReadsFilesLongerThanOneBlock) {
    const std::string path = testing::TempDir() + "skipsim_sha256_test";
    std::ofstream(path) << std::string(1000000, 'a');
    EXPECT_EQ(sha256_hex_of_file(path), kMillionA);
    std::remove(path.c_str());
}

TEST(Sha256, MissingFileIsAnInputErrorThatNamesIt) {
    try {
        sha256_hex_of_file("/nowhere/trace.h5");
        FAIL() << "not thrown";
    } catch (const InputError& error) {
        EXPECT_STREQ(error.what(),
                     "/nowhere/trace.h5: cannot be opened: No such file or directory");
    }
    EXPECT_THROW(sha256_hex_of_file(testing::TempDir()), InputError);
}

}  // namespace
}  // namespace skipsim::base
