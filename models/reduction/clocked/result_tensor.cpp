// SPDX-License-Identifier: Apache-2.0
#include "models/reduction/clocked/result_tensor.h"

#include "sim/base/check.h"

namespace skipsim::clocked {

ResultTensor::ResultTensor(const RowTask& task, std::size_t cores)
    : index_(task.stage, task.shape, task.zero_insertion), parts_(cores) {}

std::size_t ResultTensor::element(std::uint32_t phase, std::int64_t m, std::int64_t column) const {
    base::require(phase < index_.phases.size() && m >= 0 && m < index_.phases[phase].m_count() &&
                      column >= 0 && column < index_.column_count,
                  "result_tensor: there is no such result");
    return static_cast<std::size_t>(index_.phases[phase].result_element(m, column));
}

float ResultTensor::partial(std::size_t core, std::uint32_t phase, std::int64_t m,
                            std::int64_t column) const {
    const std::size_t at = element(phase, m, column);
    const Part& part = parts_.at(core);
    if (part.pages.empty() || part.pages[at / kPage] == nullptr) {
        return 0.0F;
    }
    return part.pages[at / kPage]->values[at % kPage];
}

void ResultTensor::drain(std::size_t core, std::uint32_t phase, std::int64_t m, std::int64_t column,
                         float value) {
    const std::size_t at = element(phase, m, column);
    Part& part = parts_.at(core);
    if (part.pages.empty()) {
        part.pages.resize(static_cast<std::size_t>(index_.result_elements) / kPage + 1);
    }
    std::unique_ptr<Page>& page = part.pages[at / kPage];
    if (page == nullptr) {
        page = std::make_unique<Page>();
    }
    page->values[at % kPage] = value;
    if (page->is_computed[at % kPage] == 0) {
        page->is_computed[at % kPage] = 1;
        count(at);
    }
}

/// One more core has drained the element.
void ResultTensor::count(std::size_t at) {
    if (drained_.empty()) {
        drained_.resize(static_cast<std::size_t>(index_.result_elements) / kPage + 1);
    }
    if (drained_[at / kPage] == nullptr) {
        drained_[at / kPage] = std::make_unique<CountPage>();
    }
    const std::uint16_t cores = ++(*drained_[at / kPage])[at % kPage];
    sums_.results += cores == 1 ? 1 : 0;
    sums_.shared_results += cores == 2 ? 1 : 0;
    sums_.partial_sums += cores == 1 ? 0U : cores == 2 ? 2U : 1U;
}

ResultValues ResultTensor::finish() const {
    const auto elements = static_cast<std::size_t>(index_.result_elements);
    ResultValues sums;
    sums.values.assign(elements, 0.0F);
    sums.is_computed.assign(elements, 0);
    for (const Part& part : parts_) {
        for (std::size_t at = 0; at < elements && !part.pages.empty(); ++at) {
            const Page* page = part.pages[at / kPage].get();
            if (page == nullptr || page->is_computed[at % kPage] == 0) {
                continue;
            }
            const float value = page->values[at % kPage];
            sums.values[at] = sums.is_computed[at] != 0 ? sums.values[at] + value : value;
            sums.is_computed[at] = 1;
        }
    }
    return sums;
}

}  // namespace skipsim::clocked
