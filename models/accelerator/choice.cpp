// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/choice.h"

#include <algorithm>

namespace skipsim::accelerator {
namespace {

using reduction::Selection;
using reduction::TrainingStage;

/// Two roles, one role, none; in this order among equals. FF knows no role output.
std::vector<Selection> fixed_choices(TrainingStage stage) {
    std::vector<Selection> choices{{true, true, false},  {true, false, true},  {false, true, true},
                                   {true, false, false}, {false, true, false}, {false, false, true},
                                   {false, false, false}};
    if (stage == TrainingStage::feed_forward) {
        choices.erase(std::remove_if(choices.begin(), choices.end(),
                                     [](const Selection& choice) { return choice.output; }),
                      choices.end());
    }
    return choices;
}

bool is_pair(const Selection& selection) {
    return int{selection.input} + int{selection.weight} + int{selection.output} == 2;
}

bool same(const Selection& left, const Selection& right) {
    return left.input == right.input && left.weight == right.weight && left.output == right.output;
}

struct Candidate {
    Selection selection;
    OutputMode output_mode = OutputMode::row;
    std::uint64_t cycles = 0;
};

class Chooser {
public:
    Chooser(const ChoicePolicy& policy, const CyclesAlone& cycles_alone)
        : policy_(policy), cycles_alone_(cycles_alone) {}

    /// The selection with the better of its output modes; simulated once.
    const Candidate& candidate(const Selection& selection) {
        for (const Candidate& known : known_) {
            if (same(known.selection, selection)) {
                return known;
            }
        }
        Candidate found{selection, fixed_output_mode(selection), 0};
        found.cycles = cycles_alone_(selection, found.output_mode);
        if (selection.output && policy_.adaptive_output) {
            const std::uint64_t packed = cycles_alone_(selection, OutputMode::packed);
            if (packed < found.cycles) {
                found = {selection, OutputMode::packed, packed};
            }
        }
        known_.push_back(found);
        return known_.back();
    }

    Selection fewest_cycles_pair(TrainingStage stage) {
        std::optional<Candidate> best;
        for (const Selection& choice : fixed_choices(stage)) {
            if (is_pair(choice) && (!best || candidate(choice).cycles < best->cycles)) {
                best = candidate(choice);
            }
        }
        return best->selection;
    }

    OutputMode output_mode(const Selection& selection) {
        return selection.output && policy_.adaptive_output ? candidate(selection).output_mode
                                                           : fixed_output_mode(selection);
    }

    /// Simulates every fixed choice.
    std::uint64_t regret_of(const Selection& selection, TrainingStage stage) {
        const std::uint64_t chosen = candidate(selection).cycles;
        std::uint64_t fewest = chosen;
        for (const Selection& choice : fixed_choices(stage)) {
            fewest = std::min(fewest, candidate(choice).cycles);
        }
        return chosen - fewest;
    }

    std::vector<std::pair<std::string, std::uint64_t>> choices(TrainingStage stage) {
        std::vector<std::pair<std::string, std::uint64_t>> found;
        for (const Selection& choice : fixed_choices(stage)) {
            found.emplace_back(selection_name(choice), candidate(choice).cycles);
        }
        return found;
    }

private:
    [[nodiscard]] OutputMode fixed_output_mode(const Selection& selection) const {
        return selection.output && !policy_.adaptive_output ? policy_.output_mode : OutputMode::row;
    }

    const ChoicePolicy& policy_;
    const CyclesAlone& cycles_alone_;
    std::vector<Candidate> known_;
};

}  // namespace

RowChoice choose(const ChoicePolicy& policy, const ChoiceRequest& request,
                 const CyclesAlone& cycles_alone) {
    Chooser chooser(policy, cycles_alone);
    const bool adaptive = request.mode == "adaptive";
    RowChoice choice;
    choice.selection = adaptive && policy.by_cycles
                           ? chooser.fewest_cycles_pair(request.stage)
                           : select_roles(request.mode, request.stage, request.zeros);
    choice.output_mode = chooser.output_mode(choice.selection);
    if (adaptive && policy.regret) {
        choice.regret_cycles = chooser.regret_of(choice.selection, request.stage);
        choice.choices = chooser.choices(request.stage);
    }
    return choice;
}

}  // namespace skipsim::accelerator
