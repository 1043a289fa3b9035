// SPDX-License-Identifier: Apache-2.0
#include "sim/config/catalogue.h"

#include <algorithm>
#include <array>

namespace skipsim::config {
namespace {

using Type = ParameterType;

constexpr double kMaxRate = 1048576;       // far above any bus; keeps products inside 64 bits
constexpr double kMaxBuffer = 1073741824;  // [bytes] a fill is one transfer of less than 4 GiB
constexpr std::string_view kSkipModes =
    "dense|input|weight|output|input+weight|input+output|weight+output|adaptive";

// clang-format off
constexpr std::array kCatalogue{
    Parameter{"name", Type::text, "", 0, 0, "", nullptr,
              "label of the chip in reports"},
    Parameter{"description", Type::text, "", 0, 0, "", "",
              "what the chip is, in a sentence"},
    Parameter{"clocks.core_mhz", Type::real, "MHz", 0.1, 100000, "", nullptr,
              "clock of everything on the chip; turns cycles into seconds"},
    Parameter{"clocks.memory_mhz", Type::whole, "MHz", 1, 100000, "", "1600",
              "clock of the DRAM, at most the rated clock of its file; nothing with an ideal memory"},
    Parameter{"clocks.crossing_cycles", Type::whole, "core cycles", 0, 1000, "", "0",
              "core cycles that data from the DRAM need to cross into the core clock"},
    Parameter{"accelerator.clusters", Type::whole, "clusters", 1, 1024, "", nullptr,
              "clusters of convolution cores"},
    Parameter{"accelerator.cores_per_cluster", Type::whole, "cores", 1, 1024, "", nullptr,
              "convolution cores in each cluster"},
    Parameter{"accelerator.partition.cluster_m", Type::whole, "parts", 1, 1024, "", "1",
              "parts that the rows m of a reduction are cut into over the clusters"},
    Parameter{"accelerator.partition.cluster_n", Type::whole, "parts", 1, 1024, "", "1",
              "parts that the columns n of a reduction are cut into over the clusters"},
    Parameter{"accelerator.partition.core_m", Type::whole, "parts", 1, 1024, "", "1",
              "parts that a cluster's rows m are cut into over its cores"},
    Parameter{"accelerator.partition.core_n", Type::whole, "parts", 1, 1024, "", "1",
              "parts that a cluster's columns n are cut into over its cores"},
    Parameter{"accelerator.partition.cluster_k", Type::whole, "parts", 1, 1024, "", "1",
              "parts that the summed axis k of a reduction is cut into over the clusters"},
    Parameter{"accelerator.partition.core_k", Type::whole, "parts", 1, 1024, "", "1",
              "parts that a cluster's axis k is cut into over its cores"},
    Parameter{"accelerator.partition.wg_m_is_k", Type::boolean, "", 0, 0, "", "false",
              "true: in the weight-gradient stage the parts of m and of k change places"},
    Parameter{"core.rows", Type::whole, "rows", 1, 128, "", nullptr,
              "rows of processing elements; each row has a bus for operand A"},
    Parameter{"core.columns", Type::whole, "columns", 1, 128, "", nullptr,
              "columns of processing elements; each column has a bus for operand B"},
    Parameter{"core.chunk_operands", Type::whole, "operands", 8, 512, "", nullptr,
              "operands of the reduction that one bitmap covers"},
    Parameter{"core.fifo_depth_chunks", Type::whole, "chunks", 1, 64, "", nullptr,
              "chunks that a processing element's FIFO holds"},
    Parameter{"core.bus_values", Type::whole_or_unlimited, "operands/cycle", 1, kMaxRate, "",
              "unlimited", "operands that a row or column bus carries in a cycle"},
    Parameter{"core.bus_bits", Type::whole_or_unlimited, "bits/cycle", 1, kMaxRate, "",
              "unlimited", "bits of bitmaps that a row or column bus carries in a cycle; operands go by core.bus_values"},
    Parameter{"core.issue_width_pairs", Type::whole, "pairs/cycle", 1, 64, "", "1",
              "operand pairs that a processing element multiplies in a cycle"},
    Parameter{"core.scan_bits", Type::whole_or_unlimited, "bits/cycle", 1, kMaxRate, "",
              "unlimited", "bitmap bits that the leading-one detector looks at in a cycle"},
    Parameter{"core.tile_chunks", Type::whole, "chunks", 1, 65536, "", nullptr,
              "chunks of each processing element that are loaded at once, as one tile"},
    Parameter{"core.psum_spill", Type::boolean, "", 0, 0, "", "false",
              "true: long results go slice by slice over all results of a block, partial sums leave the array"},
    Parameter{"core.input_buffer_bytes", Type::whole_or_unlimited, "bytes", 1, kMaxBuffer, "", "unlimited",
              "a core's buffer of input tiles; two tiles must fit"},
    Parameter{"core.weight_buffer_bytes", Type::whole_or_unlimited, "bytes", 1, kMaxBuffer, "", "unlimited",
              "a core's buffer of weight tiles; two tiles must fit"},
    Parameter{"core.output_buffer_bytes", Type::whole_or_unlimited, "bytes", 1, kMaxBuffer, "", "unlimited",
              "a core's buffer of results; those of two tiles must fit, and a tile waits until the results of the last but one have left"},
    Parameter{"core.group_columns", Type::choice, "", 0, 0, "separate|private", "separate",
              "separate cuts blocks of columns at group borders; private lets a block hold several groups, each PE fed its own rows"},
    Parameter{"core.input_ports", Type::whole, "streams", 1, 16384, "", "8",
              "streams of rows that a core's input buffer serves at once in private blocks"},
    Parameter{"core.zero_skipping", Type::boolean, "", 0, 0, "", "true",
              "false: a dense core without bitmaps, their FIFOs and detectors"},
    Parameter{"core.zero_insertion", Type::boolean, "", 0, 0, "", "false",
              "true: back-propagation of strided layers works on a zero-filled dy instead of phases"},
    Parameter{"core.operand_format", Type::choice, "", 0, 0, "fp8|fp16|bf16|int8|fp32", nullptr,
              "number format of the multiplied operands: their width and the energy of a MAC"},
    Parameter{"core.accumulator_format", Type::choice, "", 0, 0, "fp16|fp32|int32", "fp32",
              "number format of the accumulators and of results leaving a core"},
    Parameter{"skip.ff", Type::choice, "", 0, 0, kSkipModes, nullptr,
              "patterns whose zeros are skipped in the feed-forward stage"},
    Parameter{"skip.bp", Type::choice, "", 0, 0, kSkipModes, nullptr,
              "patterns whose zeros are skipped in the error back-propagation stage"},
    Parameter{"skip.wg", Type::choice, "", 0, 0, kSkipModes, nullptr,
              "patterns whose zeros are skipped in the weight-gradient stage"},
    Parameter{"skip.adaptive_policy", Type::choice, "", 0, 0, "density|cycles", "density",
              "how `adaptive` chooses: density takes the two patterns with most zeros, cycles the two with the fewest cycles"},
    Parameter{"skip.output_mode", Type::choice, "", 0, 0, "row|packed|adaptive", "row",
              "how unneeded results are skipped: row drops an m that no column of the array needs, packed closes every column's gaps, adaptive takes the one with fewer cycles"},
    Parameter{"skip.coarse_runs", Type::boolean, "", 0, 0, "", "false",
              "true: columns jump chunks of weights that lie in pruned blocks (coarse_keep of the trace)"},
    Parameter{"skip.regret", Type::boolean, "", 0, 0, "", "false",
              "true: every row with `adaptive` also gets the cycles of each fixed choice"},
    Parameter{"balancer.enabled", Type::boolean, "", 0, 0, "", "false",
              "true: columns are sorted by their work and dealt to the cores"},
    Parameter{"balancer.bits_per_cycle", Type::whole_or_unlimited, "bits/cycle", 1, kMaxRate, "",
              "unlimited", "bitmap bits that the balancer counts in a cycle"},
    Parameter{"balancer.compares_per_cycle", Type::whole_or_unlimited, "comparisons/cycle", 1,
              kMaxRate, "", "unlimited", "comparisons that the balancer's sort makes in a cycle"},
    Parameter{"aggregation.adds_per_cycle", Type::whole_or_unlimited, "additions/cycle", 1,
              kMaxRate, "", "unlimited", "partial sums that the aggregation core adds in a cycle"},
    Parameter{"aggregation.bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate,
              "", "unlimited", "bytes of partial sums that the aggregation core takes in a cycle"},
    Parameter{"aggregation.buffer_bytes", Type::whole_or_unlimited, "bytes", 1, 1099511627776, "",
              "unlimited", "partial sums that the aggregation core holds; the rest goes to memory and back"},
    Parameter{"memory.input_bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate,
              "", "unlimited", "rate at which a core's input tiles are loaded"},
    Parameter{"memory.weight_bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate,
              "", "unlimited", "rate at which a core's weight tiles are loaded"},
    Parameter{"memory.latency_cycles", Type::whole, "cycles", 0, 1000000, "", "0",
              "cycles from the request of a tile to its first byte"},
    Parameter{"memory.dram", Type::text, "", 0, 0, "", "ideal",
              "ideal, or a memory file (configs/memory); a relative path starts at the folder of the configuration file, given by --set at the current folder"},
    Parameter{"memory.ideal_bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate, "",
              "unlimited", "rate of an ideal memory, all transfers together"},
    Parameter{"memory.ideal_latency_cycles", Type::whole, "cycles", 0, 1000000, "", "0",
              "cycles that an ideal memory adds to every transfer"},
    Parameter{"global_buffer.capacity_bytes", Type::whole, "bytes", 0, kMaxBuffer, "", "0",
              "on-chip buffer that keeps whole tensors; 0: none, every operand comes from memory tile by tile"},
    Parameter{"cluster.weight_buffer_ports", Type::whole_or_unlimited, "ports", 1, 64, "", "unlimited",
              "bursts that a cluster's weight buffer reads at once; unlimited: no such buffer, private weight ports"},
    Parameter{"cluster.weight_buffer_banks", Type::whole, "banks", 1, 256, "", "8",
              "banks of a cluster's weight buffer"},
    Parameter{"cluster.weight_buffer_bytes", Type::whole_or_unlimited, "bytes", 1, kMaxBuffer, "", "unlimited",
              "weight tiles that a cluster's weight buffer holds"},
    Parameter{"cluster.burst_bytes", Type::whole, "bytes", 1, 65536, "", "64",
              "bytes of one burst out of a cluster's weight buffer"},
    Parameter{"cluster.fill_bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate, "", "unlimited",
              "rate at which weight tiles come into a cluster's weight buffer"},
    Parameter{"dma.bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate, "", "unlimited",
              "rate at which the DMA engine hands bursts to the DRAM, in whole bursts"},
    Parameter{"dma.outstanding_bursts", Type::whole, "bursts", 1, 65536, "", "64",
              "bursts that the DMA engine has under way at most"},
    Parameter{"transposer.values_per_cycle", Type::whole_or_unlimited, "operands/cycle", 1,
              kMaxRate, "", "unlimited", "operands of the pixel-major second copy written in a cycle"},
    Parameter{"transport.compressed", Type::boolean, "", 0, 0, "", "false",
              "true: activations and gradients of the vector unit travel as bitmap and non-zeros"},
    Parameter{"vector_unit.lanes", Type::whole_or_unlimited, "operations/cycle", 1, 65536, "",
              "unlimited", "FP32 operations of the vector unit in a cycle"},
    Parameter{"vector_unit.special_cycles", Type::whole, "lane cycles", 1, 64, "", "4",
              "lane cycles of an exponential, logarithm, division, square root, tanh or erf"},
    Parameter{"vector_unit.bytes_per_cycle", Type::whole_or_unlimited, "bytes/cycle", 1, kMaxRate,
              "", "unlimited", "bytes that the vector unit reads and writes in a cycle"},
    Parameter{"vector_unit.latency_cycles", Type::whole, "cycles", 0, 1000000, "", "0",
              "cycles that every pass of the vector unit takes besides its work"},
    Parameter{"vector_unit.block_bytes", Type::whole, "bytes", 64, 1073741824, "", "4096",
              "bytes of a streamed tensor that the vector unit loads, computes and stores at once"},
    Parameter{"update.optimizer", Type::choice, "", 0, 0, "trace|sgd|adam", "trace",
              "rule of the weight update; trace: the one the trace was made with, sgd if it says none"},
    Parameter{"update.overlap", Type::boolean, "", 0, 0, "", "true",
              "weight updates run beside the rows that follow their gradients"},
    Parameter{"energy.table", Type::text, "", 0, 0, "", nullptr,
              "energy table; a relative path starts at the folder of the configuration file, given by --set at the current folder"},
};
// clang-format on

std::vector<std::string> collect_sections() {
    std::vector<std::string> sections;
    for (const Parameter& parameter : kCatalogue) {
        const std::string path(parameter.path);
        for (std::size_t dot = path.find('.'); dot != std::string::npos;
             dot = path.find('.', dot + 1)) {
            const std::string section = path.substr(0, dot);
            if (std::find(sections.begin(), sections.end(), section) == sections.end()) {
                sections.push_back(section);
            }
        }
    }
    return sections;
}

}  // namespace

const std::vector<Parameter>& catalogue() {
    static const std::vector<Parameter> kParameters(kCatalogue.begin(), kCatalogue.end());
    return kParameters;
}

std::optional<std::size_t> find_parameter(std::string_view path) {
    for (std::size_t index = 0; index < kCatalogue.size(); ++index) {
        if (kCatalogue[index].path == path) {
            return index;
        }
    }
    return std::nullopt;
}

const std::vector<std::string>& parameter_paths() {
    static const std::vector<std::string> kPaths = [] {
        std::vector<std::string> paths;
        for (const Parameter& parameter : kCatalogue) {
            paths.emplace_back(parameter.path);
        }
        return paths;
    }();
    return kPaths;
}

const std::vector<std::string>& section_paths() {
    static const std::vector<std::string> kSections = collect_sections();
    return kSections;
}

}  // namespace skipsim::config
