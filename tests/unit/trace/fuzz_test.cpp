// SPDX-License-Identifier: Apache-2.0
// Damaged files: a reader either names the damage or reads what was written. Never a crash.
// SKIPSIM_FUZZ_ROUNDS sets the number of damaged files per test (the long test sets it high).
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <sstream>

#include "sim/base/errors.h"
#include "sim/base/random.h"
#include "sim/trace/commands.h"
#include "tests/unit/trace/trace_digest.h"

namespace skipsim::trace {
namespace {

std::uint64_t rounds(std::uint64_t usual) {
    const char* text = std::getenv("SKIPSIM_FUZZ_ROUNDS");
    return text == nullptr ? usual : std::strtoull(text, nullptr, 10);
}

/// Jenkins' lookup3 (hashlittle), the checksum of HDF5's metadata blocks.
std::uint32_t lookup3(const unsigned char* bytes, std::size_t length) {
    const auto rotate = [](std::uint32_t x, unsigned k) { return (x << k) | (x >> (32 - k)); };
    std::uint32_t a = 0xDEADBEEFU + static_cast<std::uint32_t>(length);
    std::uint32_t b = a;
    std::uint32_t c = a;
    const auto add = [&](std::size_t count) {
        std::uint32_t* words[] = {&a, &b, &c};
        for (std::size_t i = 0; i < count; ++i) {
            *words[i / 4] += std::uint32_t{bytes[i]} << (8 * (i % 4));
        }
    };
    for (; length > 12; length -= 12, bytes += 12) {
        add(12);
        a -= c;
        a ^= rotate(c, 4);
        c += b;
        b -= a;
        b ^= rotate(a, 6);
        a += c;
        c -= b;
        c ^= rotate(b, 8);
        b += a;
        a -= c;
        a ^= rotate(c, 16);
        c += b;
        b -= a;
        b ^= rotate(a, 19);
        a += c;
        c -= b;
        c ^= rotate(b, 4);
        b += a;
    }
    if (length == 0) {
        return c;
    }
    add(length);
    c ^= b;
    c -= rotate(b, 14);
    a ^= c;
    a -= rotate(c, 11);
    b ^= a;
    b -= rotate(a, 25);
    c ^= b;
    c -= rotate(b, 16);
    a ^= c;
    a -= rotate(c, 4);
    b ^= a;
    b -= rotate(a, 14);
    c ^= b;
    c -= rotate(b, 24);
    return c;
}

struct MetadataBlock {
    std::size_t first = 0;
    std::size_t bytes = 0;  ///< without the checksum behind it
};

std::uint32_t checksum_of(const std::string& content, const MetadataBlock& block) {
    return lookup3(reinterpret_cast<const unsigned char*>(content.data()) + block.first,
                   block.bytes);
}

/// Blocks of metadata, found by their signatures and the checksum that follows them.
std::vector<MetadataBlock> metadata_blocks(const std::string& content) {
    std::vector<MetadataBlock> blocks;
    for (const char* signature : {"\x89HDF", "OHDR", "OCHK", "FRHP", "FHDB", "FHIB", "BTHD", "BTLF",
                                  "BTIN", "FAHD", "FADB", "EAHD", "EAIB", "EADB", "SMTB"}) {
        for (std::size_t at = content.find(signature); at != std::string::npos;
             at = content.find(signature, at + 1)) {
            for (MetadataBlock block{at, 8};
                 block.bytes < 2048 && at + block.bytes + 4 <= content.size(); ++block.bytes) {
                std::uint32_t stored = 0;
                std::memcpy(&stored, content.data() + at + block.bytes, 4);
                if (stored == checksum_of(content, block)) {
                    blocks.push_back(block);
                    break;
                }
            }
        }
    }
    return blocks;
}

std::string content_of(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    std::ostringstream out;
    out << in.rdbuf();
    return out.str();
}

class DamagedTrace : public testing::Test {
protected:
    void SetUp() override {
        const std::string name = testing::UnitTest::GetInstance()->current_test_info()->name();
        path_ = testing::TempDir() + "/fuzz-" + name + ".h5";
        std::ostringstream out;
        const std::string spec = std::string(SKIPSIM_SOURCE_DIR) + "/tests/unit/trace/fuzz.yaml";
        run_synth({spec, path_, true, std::nullopt, false}, out);
        good_ = content_of(path_);
        digest_ = trace_digest(path_);
    }
    void TearDown() override { std::remove(path_.c_str()); }

    enum class Outcome { kNoticed, kUnchanged, kChanged };

    Outcome read(const std::string& content) {
        std::ofstream(path_, std::ios::binary) << content;
        try {
            return trace_digest(path_) == digest_ ? Outcome::kUnchanged : Outcome::kChanged;
        } catch (const base::InputError& error) {
            EXPECT_FALSE(error.lines().empty());
            return Outcome::kNoticed;
        }
    }

    std::string path_;
    std::string good_;
    std::string digest_;
};

TEST_F(DamagedTrace, EveryTruncationIsNoticed) {
    base::Random random(1);
    for (std::uint64_t round = 0; round < rounds(150); ++round) {
        const std::uint64_t bytes = round < 20 ? round : random.below(good_.size());
        EXPECT_EQ(read(good_.substr(0, bytes)), Outcome::kNoticed) << bytes << " bytes";
    }
}

TEST_F(DamagedTrace, AFlippedBitIsNoticedOrChangesNothing) {
    base::Random random(2);
    std::uint64_t noticed = 0;
    const std::uint64_t count = rounds(250);
    for (std::uint64_t round = 0; round < count; ++round) {
        std::string content = good_;
        const std::uint64_t bit = random.below(content.size() * 8);
        content[bit / 8] = static_cast<char>(content[bit / 8] ^ (1 << (bit % 8)));
        const Outcome outcome = read(content);
        EXPECT_NE(outcome, Outcome::kChanged) << "bit " << bit % 8 << " of byte " << bit / 8;
        noticed += outcome == Outcome::kNoticed ? 1 : 0;
    }
    EXPECT_GT(noticed, count / 4);  // else the test damages nothing that matters
}

TEST_F(DamagedTrace, OverwrittenStretchesAreNoticedOrChangeNothing) {
    base::Random random(3);
    for (std::uint64_t round = 0; round < rounds(150); ++round) {
        std::string content = good_;
        const std::uint64_t first = random.below(content.size());
        const std::uint64_t end =
            std::min<std::uint64_t>(first + 1 + random.below(64), content.size());
        for (std::uint64_t i = first; i < end; ++i) {
            content[i] = static_cast<char>(random.below(256));
        }
        EXPECT_NE(read(content), Outcome::kChanged) << first << ".." << end;
    }
}

// As somebody would who wants to do harm: the metadata is changed and its checksum made right.
TEST_F(DamagedTrace, ForgedMetadataNeverCrashesTheReader) {
    const std::vector<MetadataBlock> blocks = metadata_blocks(good_);
    ASSERT_GT(blocks.size(), 50U);
    base::Random random(4);
    std::uint64_t noticed = 0;
    const std::uint64_t count = rounds(250);
    for (std::uint64_t round = 0; round < count; ++round) {
        std::string content = good_;
        const MetadataBlock& block = blocks[random.below(blocks.size())];
        for (std::uint64_t change = 1 + random.below(3); change > 0; --change) {
            const std::uint64_t at = block.first + random.below(block.bytes);
            content[at] = random.below(2) == 0
                              ? static_cast<char>(random.below(256))
                              : static_cast<char>(content[at] ^ (1 << random.below(8)));
        }
        const std::uint32_t checksum = checksum_of(content, block);
        std::memcpy(content.data() + block.first + block.bytes, &checksum, 4);
        noticed += read(content) == Outcome::kNoticed ? 1 : 0;
    }
    EXPECT_GT(noticed, count / 4);
}

}  // namespace
}  // namespace skipsim::trace
