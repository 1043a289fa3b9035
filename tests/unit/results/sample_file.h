// SPDX-License-Identifier: Apache-2.0
// The made-up result of tests/unit/stats as a file, whole or spoiled.
#pragma once

#include "sim/base/errors.h"
#include "sim/results/result_file.h"
#include "sim/stats/energy.h"
#include "sim/stats/result_document.h"
#include "tests/unit/stats/sample_result.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

namespace skipsim::results {

using Json = nlohmann::ordered_json;

inline Json document_of(stats::RunResult result, const stats::ResultContext& context) {
    stats::apply_energy(result, stats::EnergyPrices(context.energy_table, context.operand_format));
    return stats::result_document(result, context);
}

inline Json sample_document() {
    return document_of(stats::sample_result(), stats::sample_context());
}

/// A folder of its own that is gone afterwards.
class TestFolder : public testing::Test {
protected:
    TestFolder() {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder_ = std::filesystem::path(testing::TempDir()) /
                  (std::string("skipsim-") + test->test_suite_name() + '-' + test->name());
        std::filesystem::remove_all(folder_);
        std::filesystem::create_directories(folder_);
    }
    ~TestFolder() override { std::filesystem::remove_all(folder_); }

    [[nodiscard]] std::string path(const std::string& name) const {
        return (folder_ / name).string();
    }
    /// Makes the folders above it too.
    std::string write(const std::string& name, const std::string& text) const {
        std::filesystem::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << text;
        return path(name);
    }
    std::string write(const std::string& name, const Json& document) const {
        return write(name, document.dump(1, ' ', false, Json::error_handler_t::replace) + '\n');
    }
    /// What is said about a file, without the path that starts every line; empty if it is good.
    [[nodiscard]] std::vector<std::string> problems(const std::string& name) const {
        std::vector<std::string> lines;
        try {
            read_result(path(name));
        } catch (const base::InputError& error) {
            for (const std::string& line : error.lines()) {
                const bool has_path = line.rfind(path(name), 0) == 0;
                lines.push_back(has_path ? line.substr(path(name).size()) : line);
            }
        }
        return lines;
    }
    std::vector<std::string> problems_of_text(const std::string& text) const {
        write("r.json", text);
        return problems("r.json");
    }
    /// Of a document whose checksum somebody took care of.
    std::vector<std::string> problems_of_sealed(Json document) const {
        document["content_sha256"] = stats::content_sha256_of(document);
        write("r.json", document);
        return problems("r.json");
    }

    std::filesystem::path folder_;
};

}  // namespace skipsim::results
