// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/data_access.h"

#include <cmath>

#include "sim/base/bits.h"
#include "sim/trace/structure.h"

namespace skipsim::trace {
namespace {

using std::to_string;

void check_padding(const Hdf5File& file, const Dataset& data, const std::vector<std::uint8_t>& rows,
                   std::uint64_t first, std::uint64_t elements) {
    const std::uint64_t used = elements % 8;
    const std::uint64_t bytes = packed_bytes(elements);
    for (std::uint64_t end = bytes; used != 0 && end <= rows.size(); end += bytes) {
        if ((rows[end - 1] >> used) != 0) {
            const std::string row =
                data.dims().size() > 1 ? " of sample " + to_string(first + end / bytes - 1) : "";
            file.fail(data.path(),
                      "expected zeros after bit " + to_string(elements - 1) + row + ", found ones");
        }
    }
}

}  // namespace

bool DataAccess::is_there(const Group& group, const std::string& name, Member kind) const {
    const Member found = file_.member(group, name);
    if (found != Member::kNone && found != kind) {
        file_.fail(group.path + '/' + name,
                   std::string("expected ") + (kind == Member::kGroup ? "a group" : "a dataset") +
                       ", found something else or one that cannot be read");
    }
    return found == kind;
}

std::optional<Group> DataAccess::group(const std::string& path) {
    Group at = file_.root();
    for (std::size_t begin = 1; begin < path.size();) {
        const std::size_t end = std::min(path.find('/', begin), path.size());
        const std::string name = path.substr(begin, end - begin);
        if (!is_there(at, name, Member::kGroup)) {
            return std::nullopt;
        }
        at = file_.open_group(at, name);
        begin = end + 1;
    }
    return at;
}

std::optional<Dataset> DataAccess::dataset(const std::string& group_path, const std::string& name) {
    const auto holder = group(group_path);
    if (!holder || !is_there(*holder, name, Member::kDataset)) {
        return std::nullopt;
    }
    return Dataset(file_, *holder, name);
}

base::BitTensor DataAccess::bits(const Dataset& data, std::uint64_t first, std::uint64_t count,
                                 std::uint64_t elements) {
    const std::vector<std::uint8_t> rows = data.read_rows(first, count, &cache_);
    check_padding(file_, data, rows, first, elements);
    return base::BitTensor::from_packed_bytes(count, elements, rows.data(), packed_bytes(elements));
}

std::vector<std::uint64_t> DataAccess::words(const Dataset& data, std::uint64_t elements) {
    const std::vector<std::uint8_t> bytes = data.read_rows(0, data.rows());
    check_padding(file_, data, bytes, 0, elements);
    std::vector<std::uint64_t> packed(base::words_for_bits(elements), 0);
    for (std::size_t i = 0; i < bytes.size(); ++i) {
        packed[i / 8] |= std::uint64_t{bytes[i]} << (8 * (i % 8));
    }
    return packed;
}

std::vector<float> DataAccess::floats(const Dataset& data, std::uint64_t first,
                                      std::uint64_t count) {
    std::vector<float> values = data.read_floats(first, count, &cache_);
    const std::uint64_t per_row = values.size() / std::max<std::uint64_t>(count, 1);
    for (std::size_t i = 0; i < values.size(); ++i) {
        if (!std::isfinite(values[i])) {
            file_.fail(data.path(), "expected finite values, found " + to_string(values[i]) +
                                        " at element " + to_string(i + first * per_row));
        }
    }
    return values;
}

SampleFacts DataAccess::samples(const std::string& group_path, std::uint64_t first,
                                std::uint64_t count, std::uint64_t id_limit) {
    SampleFacts facts;
    const auto integers = [&](const char* name) {
        const auto data = dataset(group_path, name);
        return data ? data->read_integers(first, count) : std::vector<std::int64_t>{};
    };
    facts.id = integers("id");
    facts.label = integers("label");
    facts.prediction = integers("prediction");
    for (const std::int64_t id : facts.id) {
        if (id < 0 || static_cast<std::uint64_t>(id) >= id_limit) {
            file_.fail(group_path + "/id", "expected positions in 0.." + to_string(id_limit - 1) +
                                               ", found " + to_string(id));
        }
    }
    if (const auto data = dataset(group_path, "confidence")) {
        facts.confidence = data->read_floats(first, count);
    }
    for (const float confidence : facts.confidence) {
        if (!(confidence >= 0.0F && confidence <= 1.0F)) {
            file_.fail(group_path + "/confidence",
                       "expected values in 0..1, found " + to_string(confidence));
        }
    }
    return facts;
}

std::optional<std::string> DataAccess::parameter_path(std::uint64_t iteration,
                                                      const std::string& network,
                                                      const std::string& parameter) {
    std::string path = member_path(iteration, network, "parameters", parameter);
    const auto own = group(path);
    if (!own) {
        return std::nullopt;
    }
    const auto same = file_.attribute(own->handle.id(), path, "same_as_iteration");
    if (same) {
        path = member_path(static_cast<std::uint64_t>(same->integer), network, "parameters",
                           parameter);
    }
    return path;
}

}  // namespace skipsim::trace
