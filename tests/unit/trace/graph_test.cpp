// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/graph.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "sim/trace/summary.h"
#include "tests/unit/trace/support.h"

namespace skipsim::trace {
namespace {

using testing::Contains;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

const char* const kGood = R"({"inputs": ["image"], "loss": "loss",
 "tensors": [{"name": "image", "shape": [4, 9, 7]}, {"name": "a", "shape": [6, 5, 7]},
             {"name": "b", "shape": [6, 5, 7]}, {"name": "c", "shape": [210]}, {"name": "d", "shape": [3]}],
 "parameters": [{"name": "aw", "shape": [6, 2, 3, 3]}, {"name": "dw", "shape": [3, 210]}],
 "operators": [
  {"name": "A", "kind": "conv2d", "inputs": ["image"], "outputs": ["a"], "parameters": {"weight": "aw"},
   "attributes": {"stride": [2, 1], "padding": [1, 1], "groups": 2}, "input_gradient": false},
  {"name": "B", "kind": "relu", "inputs": ["a"], "outputs": ["b"]},
  {"name": "C", "kind": "flatten", "inputs": ["b"], "outputs": ["c"]},
  {"name": "D", "kind": "linear", "inputs": ["c"], "outputs": ["d"], "parameters": {"weight": "dw"}},
  {"name": "loss", "kind": "softmax_cross_entropy", "inputs": ["d"], "outputs": []}]})";

std::vector<std::string> problems_after(const std::string& from, const std::string& to) {
    std::string text = kGood;
    const std::size_t at = text.find(from);
    EXPECT_NE(at, std::string::npos) << from;
    text.replace(at, from.size(), to);
    return problems_of([&] { parse_graph(text, "f.h5:/g"); });
}

TEST(Graph, LayersHaveOneGeometry) {
    const Graph graph = parse_graph(kGood, "f.h5:/g");
    EXPECT_THAT(graph.layers(), ElementsAre(0U, 3U));
    const Convolution conv = graph.convolution(0);
    EXPECT_EQ(conv.in_channels, 4U);
    EXPECT_EQ(conv.in_height, 9U);
    EXPECT_EQ(conv.in_width, 7U);
    EXPECT_EQ(conv.out_channels, 6U);
    EXPECT_EQ(conv.kernel_height, 3U);
    EXPECT_EQ(conv.out_height, 5U);
    EXPECT_EQ(conv.out_width, 7U);
    EXPECT_EQ(conv.stride, (Pair{2, 1}));
    EXPECT_EQ(conv.padding, (Pair{1, 1}));
    EXPECT_EQ(conv.groups, 2U);
    EXPECT_FALSE(graph.operators[0].input_gradient);
    EXPECT_TRUE(graph.operators[3].input_gradient);
    const Convolution linear = graph.convolution(3);
    EXPECT_TRUE(linear.is_linear);
    EXPECT_EQ(linear.in_channels, 210U);
    EXPECT_EQ(linear.out_channels, 3U);
    EXPECT_EQ(linear.in_height * linear.kernel_width * linear.out_height, 1U);
    EXPECT_EQ(graph.writer_of(1), 0U);
    EXPECT_EQ(graph.writer_of(0), std::nullopt);
}

TEST(Graph, PaddingMayReachBeyondTheKernel) {
    const Graph graph = parse_graph(
        R"({"inputs": ["i"], "tensors": [{"name": "i", "shape": [1, 2, 2]}, {"name": "o", "shape": [1, 8, 2]}],
            "parameters": [{"name": "w", "shape": [1, 1, 1, 1]}],
            "operators": [{"name": "A", "kind": "conv2d", "inputs": ["i"], "outputs": ["o"],
                           "parameters": {"weight": "w"}, "attributes": {"padding": [3, 0]}}]})",
        "x");
    EXPECT_EQ(dense_macs_per_sample(graph.convolution(0)), 4U);  // six of eight rows see padding
}

TEST(Graph, TextOfAGraphReadsBackToTheSameText) {
    const std::string text = graph_json(parse_graph(kGood, "x"));
    EXPECT_EQ(graph_json(parse_graph(text, "x")), text);
}

TEST(Graph, DenseMultipliesCountOnlyTapsOnTheImage) {
    const Graph graph = parse_graph(kGood, "x");
    // Rows: 9 inputs, 5 outputs, stride 2, padding 1: the first and the last lose one tap, 13.
    // Columns: 7 outputs, stride 1, padding 1: 3 * 7 - 2 = 19. Group of 2 inputs, 6 outputs.
    EXPECT_EQ(dense_macs_per_sample(graph.convolution(0)), 13U * 19U * 2U * 6U);
    EXPECT_EQ(dense_macs_per_sample(graph.convolution(3)), 630U);
}

TEST(Graph, DenseMultipliesWithAWideKernelAndPadding) {
    Convolution layer;
    layer.in_channels = layer.out_channels = 1;
    layer.in_height = layer.out_height = 5;
    layer.kernel_height = 5;
    layer.padding = {2, 0};
    // Taps on the image for outputs 0..4: 3, 4, 5, 4, 3.
    EXPECT_EQ(dense_macs_per_sample(layer), 19U);
}

TEST(Graph, EachInconsistencyIsNamed) {
    const struct {
        const char* from;
        const char* to;
        const char* expected;
    } cases[] = {
        {"[6, 5, 7]}, {\"name\": \"c\"", "[6, 5, 8]}, {\"name\": \"c\"",
         "relu: expected input \"a\""},
        {"{\"name\": \"a\", \"shape\": [6, 5, 7]}", "{\"name\": \"a\", \"shape\": [6, 4, 7]}",
         "conv2d: expected the output [6, 5, 7], found [6, 4, 7]"},
        {"\"groups\": 2", "\"groups\": 3", "expected groups that divide 4 input"},
        {"\"groups\": 2", "\"groups\": 1", "expected weight \"aw\" [6, 4, 3, 3]"},
        {"\"groups\": 2", "\"group\": 2", "did you mean groups?"},
        {"\"padding\": [1, 1]", "\"padding\": 1", "expected [vertical, horizontal], found 1"},
        {"[3, 210]", "[3, 211]", "expected weight \"dw\" [3, 210], found [3, 211]"},
        {"\"shape\": [210]", "\"shape\": [211]", "flatten: expected an output of 210 elements"},
        {"\"shape\": [3]", "\"shape\": [0]", "expected whole numbers >= 1"},
        {"\"shape\": [3]", "\"shape\": [-3]", "expected whole numbers >= 1"},
        {"\"shape\": [3]", "\"shape\": [65536, 65536, 65536]", "with a product <= 2147483648"},
        {"\"shape\": [3]", "\"shape\": []", "expected 1 to 8 axes"},
        {"\"kind\": \"relu\"", "\"kind\": \"relo\"", "did you mean relu?"},
        {"\"inputs\": [\"a\"]", "\"inputs\": [\"aa\"]", "expected the name of a tensor"},
        {"\"inputs\": [\"a\"]", "\"inputs\": [\"c\"]",
         "expected inputs that earlier operators wrote"},
        {"\"inputs\": [\"a\"]", "\"inputs\": [\"a\", \"a\"]", "relu: expected 1 inputs, found 2"},
        {"\"outputs\": [\"b\"]", "\"outputs\": [\"image\"]", "no network input to be written"},
        {"\"name\": \"B\"", "\"name\": \"A\"", "expected each name once"},
        {"\"name\": \"B\"", "\"name\": \"a/b\"", "expected 1 to 200 characters"},
        {"{\"weight\": \"dw\"}", "{}", "expected a weight, found none"},
        {"{\"weight\": \"dw\"}", "{\"weight\": \"dw\", \"scale\": \"dw\"}",
         "unknown key \"scale\""},
        {"\"loss\": \"loss\"", "\"loss\": \"lost\"", "expected the name of a operator"},
        {"\"input_gradient\": false", "\"input_gradient\": 0", "expected true or false"},
        {"\"inputs\": [\"image\"], \"loss\"", "\"inputs\": [\"image\"], \"inputs\": [], \"loss\"",
         "twice"},
        {"[4, 9, 7]", "[[[[[[[[[[4]]]]]]]]]]", "levels of nesting"},
        {"\"operators\"", "\"operatos\"", "did you mean operators?"},
        {"\"tensors\"", "tensors", "expected JSON"},
    };
    for (const auto& item : cases) {
        EXPECT_THAT(problems_after(item.from, item.to), Contains(HasSubstr(item.expected)))
            << item.from << " -> " << item.to;
    }
}

TEST(Graph, ProblemsAreReportedTogetherEachWithItsPlace) {
    const auto lines =
        problems_after("{\"name\": \"c\", \"shape\": [210]}, {\"name\": \"d\", \"shape\": [3]}",
                       "{\"name\": \"c\", \"shape\": [209]}, {\"name\": \"d\", \"shape\": [4]}");
    EXPECT_EQ(lines.size(), 3U);
    for (const std::string& line : lines) {
        EXPECT_THAT(line, testing::StartsWith("f.h5:/g: operator \""));
    }
}

TEST(Graph, JoiningAndSplittingOperatorsAreChecked) {
    const auto graph_of = [](const std::string& shapes, const std::string& op) {
        return R"({"inputs": ["p", "q"], "tensors": [{"name": "p", "shape": [2, 3, 3]}, {"name": "q", "shape": )" +
               shapes + "}" + op;
    };
    const auto problems = [&](const std::string& q, const std::string& out, const std::string& op) {
        return problems_of([&] {
            parse_graph(
                graph_of(
                    q,
                    R"(, {"name": "r", "shape": )" + out +
                        R"(}], "operators": [{"name": "j", "inputs": ["p", "q"], "outputs": ["r"], )" +
                        op + "}]}"),
                "x");
        });
    };
    EXPECT_THAT(problems("[4, 3, 3]", "[6, 3, 3]", R"("kind": "concat")"), IsEmpty());
    EXPECT_THAT(problems("[4, 3, 3]", "[7, 3, 3]", R"("kind": "concat")"),
                ElementsAre(HasSubstr("sum to 7 on axis 0, found 6")));
    EXPECT_THAT(problems("[2, 3, 3]", "[2, 3, 3]", R"("kind": "add")"), IsEmpty());
    EXPECT_THAT(problems("[2, 1, 1]", "[2, 3, 3]", R"("kind": "add")"), Not(IsEmpty()));
    EXPECT_THAT(problems("[2, 1, 1]", "[2, 3, 3]", R"("kind": "mul")"), IsEmpty());
    EXPECT_THAT(problems("[3, 1, 1]", "[2, 3, 3]", R"("kind": "mul")"), Not(IsEmpty()));
}

}  // namespace
}  // namespace skipsim::trace
