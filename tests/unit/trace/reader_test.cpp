// SPDX-License-Identifier: Apache-2.0
// Reader, writer, slice and synth against each other, on traces made from specifications.
#include "sim/trace/reader.h"

#include <gmock/gmock.h>
#include <chrono>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <filesystem>

#include "sim/base/check.h"
#include "sim/base/sha256.h"
#include "sim/trace/validate.h"
#include "tests/unit/trace/support.h"
#include "tests/unit/trace/trace_digest.h"

namespace skipsim::trace {
namespace {

using testing::Contains;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kSpec = R"(schema: skipsim-synth/1
seed: 11
batch_size: 5
iterations: 4
dataset_samples: 10
epoch_data: 2
values: normal
student:
  input: {shape: [3, 6, 6], x: 0.8}
  layers:
    - {kind: conv2d, name: a, out: 8, kernel: 3, padding: 1, bias: true, dy: 0.5,
       w: {keep: 0.5, density: 0.4, pattern: coarse, coarse_in: 2, coarse_out: 4}}
    - {kind: relu, name: b, y: {density: 0.5, pattern: channel, spread: 1.0}}
    - {kind: conv2d, name: c, out: 8, kernel: 1, w: 0.7, dy: 0.6}
    - {kind: add, name: d, from: [c, b]}
teacher:
  input: {shape: [3, 6, 6], x: 0.8}
  layers:
    - {kind: conv2d, name: t, out: 2, kernel: 3, w: 0.9}
)";

class SyntheticTrace : public testing::Test {
protected:
    void SetUp() override { path_ = synthesise("reader", kSpec); }
    void TearDown() override {
        std::remove(path_.c_str());
        std::remove(temporary("reader.yaml").c_str());
    }
    std::string slice(std::uint64_t first, std::uint64_t last) {
        const std::string out_path = temporary("slice.h5");
        std::ostringstream out;
        run_slice({path_, first, last, out_path, true, false}, out);
        return out_path;
    }
    std::string path_;
};

TEST_F(SyntheticTrace, IsValidAndHasWhatTheSpecificationSays) {
    const Validation found = validate(path_);
    EXPECT_THAT(found.problems, IsEmpty());
    EXPECT_THAT(found.notes, IsEmpty());
    const TraceReader reader(path_);
    EXPECT_EQ(reader.iterations().size(), 4U);
    EXPECT_EQ(reader.iterations()[3].epoch, 1U);  // 2 steps per epoch
    EXPECT_EQ(reader.networks().size(), 2U);
    EXPECT_EQ(reader.networks()[reader.student()].name, "student");
    EXPECT_EQ(reader.epochs().size(), 2U);
    EXPECT_EQ(reader.sha256(), base::sha256_hex_of_file(path_));
}

TEST_F(SyntheticTrace, SameSpecificationGivesTheSameBytesAndAnotherSeedOthers) {
    const std::string first = base::sha256_hex_of_file(path_);
    // A file that notes when its objects were made, in seconds, differs after a second.
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    EXPECT_EQ(base::sha256_hex_of_file(synthesise("reader", kSpec)), first);
    std::ostringstream out;
    run_synth({temporary("reader.yaml"), path_, true, 12, false}, out);
    EXPECT_NE(base::sha256_hex_of_file(path_), first);
}

TEST_F(SyntheticTrace, AnyBlockOfSamplesIsTheSameAsThatPartOfTheWhole) {
    const TraceReader reader(path_);
    const Graph& graph = reader.networks()[reader.student()].graph;
    const std::uint32_t tensor = graph.tensor_index.at("b.y");
    const auto whole = reader.nonzero(2, reader.student(), tensor, 0, 5);
    ASSERT_TRUE(whole);
    for (std::uint64_t first = 0; first <= 5; ++first) {
        for (std::uint64_t count = 0; count <= 5 - first; ++count) {
            const auto part = reader.nonzero(2, reader.student(), tensor, first, count);
            for (std::uint64_t n = 0; n < count; ++n) {
                ASSERT_TRUE(std::equal(part->sample_words(n),
                                       part->sample_words(n) + part->words_per_sample(),
                                       whole->sample_words(first + n)));
            }
        }
    }
    EXPECT_THROW((void)reader.nonzero(2, reader.student(), tensor, 3, 3), base::InternalError);
    EXPECT_THROW((void)reader.nonzero(4, reader.student(), tensor, 0, 1), base::InternalError);
}

/// Patterns of every tensor and parameter of iteration 2 of both networks.
std::string patterns_of(const TraceReader& reader) {
    std::ostringstream out;
    for (std::uint32_t net = 0; net < reader.networks().size(); ++net) {
        const Graph& graph = reader.networks()[net].graph;
        for (std::uint32_t index = 0; index < graph.tensors.size(); ++index) {
            add_pattern(out, "x", reader.nonzero(2, net, index, 0, 5));
            add_pattern(out, "dy", reader.gradient_nonzero(2, net, index, 0, 5));
            add_pattern(out, "needed", reader.dx_needed(2, net, index, 0, 5));
        }
        for (std::uint32_t index = 0; index < graph.parameters.size(); ++index) {
            add_optional(out, "w", reader.weight_nonzero(2, net, index));
            add_optional(out, "keep", reader.weight_keep(2, net, index));
            const auto coarse = reader.coarse_keep(2, net, index);
            add_items(out, "coarse", coarse ? coarse->keep : std::vector<std::uint64_t>{});
        }
    }
    return out.str();
}

TEST_F(SyntheticTrace, WhatIsKeptDecodedIsWhatTheFileSaysAndNeedsTheFileNoMore) {
    TraceReader reader(path_);
    const std::string read = patterns_of(reader);
    EXPECT_GT(reader.keep_decoded({1, 2}, 1'000'000), 0U);
    const std::uint32_t student = reader.student();
    const auto part = reader.nonzero(2, student, 0, 1, 3);  // a part still comes from the file
    ASSERT_TRUE(part);
    EXPECT_EQ(part->samples(), 3U);
    std::filesystem::resize_file(path_, 0);
    EXPECT_EQ(patterns_of(reader), read);
}

TEST_F(SyntheticTrace, NothingIsKeptBeyondTheLimit) {
    TraceReader reader(path_);
    const std::uint64_t needed = reader.keep_decoded({0, 1, 2, 3}, 1'000'000);
    ASSERT_GT(needed, 1U);
    TraceReader other(path_);
    EXPECT_EQ(other.keep_decoded({0, 1, 2, 3}, needed - 1), 0U);
    std::filesystem::resize_file(path_, 0);
    EXPECT_THROW((void)patterns_of(other), base::InputError);
}

TEST_F(SyntheticTrace, WhatCannotBeReadAnyMoreIsNotTakenForAbsent) {
    // The tensors asked for are in the file when it is opened; then its end goes away. An answer
    // "not in the file" would count their elements as not zero.
    const TraceReader reader(path_);
    const Graph& graph = reader.networks()[reader.student()].graph;
    std::filesystem::resize_file(path_, 2048);
    for (const char* name : {"a.y", "b.y", "c.y"}) {
        const std::uint32_t tensor = graph.tensor_index.at(name);
        for (std::uint64_t iteration = 0; iteration < 4; ++iteration) {
            EXPECT_THROW((void)reader.gradient_nonzero(iteration, reader.student(), tensor, 0, 5),
                         base::InputError)
                << name << ' ' << iteration;
        }
    }
}

TEST_F(SyntheticTrace, ReluMaskIsTheNeededGradientAndAbsentMeansNothing) {
    const TraceReader reader(path_);
    const Graph& graph = reader.networks()[reader.student()].graph;
    const std::uint32_t relu = graph.tensor_index.at("b.y");
    EXPECT_EQ(reader.nonzero(0, reader.student(), relu, 0, 5),
              reader.dx_needed(0, reader.student(), relu, 0, 5));
    const std::uint32_t sum = graph.tensor_index.at("d.y");
    EXPECT_FALSE(reader.nonzero(0, reader.student(), sum, 0, 5));
    const std::uint32_t bias = graph.parameter_index.at("a.bias");
    EXPECT_FALSE(reader.weight_values(0, reader.student(), bias));
    EXPECT_FALSE(reader.weight_nonzero(0, reader.student(), bias));
    EXPECT_FALSE(reader.weight_keep(0, reader.student(), bias));
}

TEST_F(SyntheticTrace, WeightsOfALaterIterationAreThoseItRefersTo) {
    const TraceReader reader(path_);
    const std::uint32_t weight =
        reader.networks()[reader.student()].graph.parameter_index.at("a.weight");
    EXPECT_EQ(reader.weight_values(3, reader.student(), weight),
              reader.weight_values(0, reader.student(), weight));
    EXPECT_TRUE(reader.weight_keep(3, reader.student(), weight));
    const auto coarse = reader.coarse_keep(3, reader.student(), weight);
    ASSERT_TRUE(coarse);
    EXPECT_EQ(coarse->blocks, (Shape{3, 3, 2, 2}));
}

TEST_F(SyntheticTrace, ASliceSaysWhatTheWholeSaysOfItsIterations) {
    const std::string part = slice(1, 2);
    EXPECT_THAT(validate(part).problems, IsEmpty());
    const TraceReader whole(path_);
    const TraceReader sliced(part);
    ASSERT_EQ(sliced.iterations().size(), 2U);
    EXPECT_EQ(sliced.iterations()[0].step, 1U);
    for (std::uint64_t n = 0; n < 2; ++n) {
        for (std::uint32_t net = 0; net < 2; ++net) {
            std::ostringstream expected;
            std::ostringstream found;
            add_samples(expected, whole.samples(n + 1));
            add_samples(found, sliced.samples(n));
            add_network(expected, whole, n + 1, net);
            add_network(found, sliced, n, net);
            ASSERT_EQ(found.str(), expected.str());
        }
    }
    std::remove(part.c_str());
}

TEST_F(SyntheticTrace, ASliceOfEverythingSaysTheSameAsTheWhole) {
    const std::string part = slice(0, 3);
    EXPECT_EQ(trace_digest(part), trace_digest(path_));
    std::remove(part.c_str());
}

TEST_F(SyntheticTrace, WrongRangesAndExistingOutputsAreRefused) {
    std::ostringstream out;
    EXPECT_THAT(problems_of([&] { slice(2, 1); }), Contains(HasSubstr("A <= B <= 3, found 2..1")));
    EXPECT_THAT(problems_of([&] { slice(0, 4); }), Contains(HasSubstr("found 0..4")));
    EXPECT_THAT(problems_of([&] {
                    run_slice({path_, 0, 0, path_, false, false}, out);
                }),
                Contains(HasSubstr("--force replaces it")));
}

TEST_F(SyntheticTrace, AFailedWriteIsAMachineErrorAndLeavesNothingBehind) {
    const std::string folder = temporary("folder");
    std::filesystem::create_directory(folder);
    struct rlimit before {};
    getrlimit(RLIMIT_FSIZE, &before);
    std::signal(SIGXFSZ, SIG_IGN);
    std::ostringstream out;
    for (const rlim_t bytes : {0U, 100U, 5000U, 20000U}) {
        const struct rlimit small { bytes, before.rlim_max };
        setrlimit(RLIMIT_FSIZE, &small);
        EXPECT_THROW(run_synth({temporary("reader.yaml"), folder + "/x.h5", false, 1, false}, out),
                     base::MachineError)
            << bytes;
        setrlimit(RLIMIT_FSIZE, &before);
        EXPECT_TRUE(std::filesystem::is_empty(folder)) << bytes;
    }
    EXPECT_THROW(run_synth({temporary("reader.yaml"), folder + "/no/x.h5", false, 1, false}, out),
                 base::MachineError);
    std::filesystem::remove(folder);
}

TEST_F(SyntheticTrace, InfoNamesLayersAndEstimates) {
    std::ostringstream text;
    std::ostringstream json;
    EXPECT_EQ(run_info({path_, false}, text), 0);
    EXPECT_EQ(run_info({path_, true}, json), 0);
    EXPECT_THAT(text.str(), HasSubstr("3x6x6 -> 8x6x6, kernel 3x3"));
    EXPECT_THAT(json.str(), HasSubstr("\"schema\": \"skipsim-trace-info/1\""));
    EXPECT_THAT(text.str(), HasSubstr("dx needed"));
    EXPECT_THAT(text.str(), HasSubstr("estimate of the speed-up"));
    EXPECT_THAT(json.str(), HasSubstr("\"estimate\": {"));
    EXPECT_THAT(text.str() + json.str(), testing::Not(HasSubstr("ceiling")));
}

TEST(Specification, EveryProblemIsNamedWithItsPlace) {
    const auto lines = problems_of([] {
        synthesise("bad", R"(schema: skipsim-synth/1
batch_size: 0
sed: 3
student:
  input: {shape: [3, 6, 6]}
  layers:
    - {kind: conv2d, name: a, out: 8, kernel: 3, w: 1.5, groups: 2}
    - {kind: conv2d, name: a, out: 8, kernel: 3}
    - {kind: relu, from: nowhere, y: {density: 0.5, pattern: chanel}}
)");
    });
    EXPECT_THAT(lines, Contains(HasSubstr(":2:13: batch_size: expected a whole number in 1..")));
    EXPECT_THAT(lines, Contains(HasSubstr(":3:1: sed: unknown key; did you mean seed?")));
    EXPECT_THAT(lines, Contains(HasSubstr("student.layers.0.w: expected a number in 0..1")));
    EXPECT_THAT(lines, Contains(HasSubstr("expected groups that divide 3 input")));
    EXPECT_THAT(lines, Contains(HasSubstr("student.layers.1.name: expected a new name")));
    EXPECT_THAT(lines, Contains(HasSubstr("student.layers.2.from: expected names of earlier")));
    EXPECT_THAT(lines, Contains(HasSubstr("did you mean channel?")));
    std::remove(temporary("bad.yaml").c_str());
}

TEST(Specification, InferenceHasNoGradients) {
    std::string spec = kSpec;
    spec.insert(spec.find("seed"), "phase: inference\n");
    const std::string path = synthesise("inference", spec);
    EXPECT_THAT(validate(path).problems, IsEmpty());
    const TraceReader reader(path);
    EXPECT_EQ(reader.iterations()[0].phase, Phase::kInference);
    const std::uint32_t tensor = reader.networks()[reader.student()].graph.tensor_index.at("a.y");
    EXPECT_FALSE(reader.gradient_nonzero(0, reader.student(), tensor, 0, 1));
    std::remove(path.c_str());
    std::remove(temporary("inference.yaml").c_str());
}

}  // namespace
}  // namespace skipsim::trace
