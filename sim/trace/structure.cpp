// SPDX-License-Identifier: Apache-2.0
#include "sim/trace/structure.h"

#include <algorithm>
#include <limits>

#include "sim/base/interrupt.h"
#include "sim/trace/layout_checker.h"
#include "sim/trace/member_checker.h"

namespace skipsim::trace {
namespace {

constexpr std::uint64_t kListLimit = std::uint64_t{1} << 32U;  // visits of one epoch
constexpr std::uint64_t kAccuracyLimit = 1U << 20U;
using std::to_string;

class Walk {
public:
    Walk(const Hdf5File& file, bool checks_datasets, WrongFacts wrong_facts)
        : file_(file), check_(file, checks_datasets), wrong_facts_(wrong_facts) {}

    Structure read() {
        const Group root = file_.root();
        check_.guarded([&] { read_schema(root); });
        check_.finish();  // another schema: nothing below can be judged
        check_.facts([&] { read_root(root); });
        check_.facts([&] { read_run(root); });
        check_.guarded([&] { read_networks(root); });
        check_.guarded([&] { read_iterations(root); });
        check_.guarded([&] { read_epochs(root); });
        check_.guarded([&] { read_events(root); });
        if (check_.blocking() > 0) {
            check_.skipped("the values of the data, which are read once all of this is right");
        }
        if (check_.blocking() > 0 || wrong_facts_ == WrongFacts::kRefused) {
            check_.finish();
        }
        found_.wrong_facts = check_.lines();
        found_.notes = check_.notes();
        return std::move(found_);
    }

private:
    void read_schema(const Group& root) {
        if (!check_.choice(root.handle.id(), "/", "schema", {kSchema}, true)) {
            check_.skipped("everything else, as it may follow another schema");
        }
    }

    void read_root(const Group& root) {
        const hid_t id = root.handle.id();
        RunFacts& run = found_.run;
        check_.known_attributes(id, "/",
                                {"schema", "creator", "number_format", "zero_rule", "zero_scale"});
        check_.known_members(root, {"run", "networks", "iterations", "epochs", "pruning_events"});
        run.creator = check_.text(id, "/", "creator", false).value_or("");
        run.number_format =
            check_
                .choice(id, "/", "number_format",
                        {"fp32", "fp16", "bf16", "fp8_e4m3", "fp8_e5m2", "int8"}, true)
                .value_or("");
        run.zero_rule =
            check_.choice(id, "/", "zero_rule", {"exact", "flushed"}, true).value_or("");
        const bool is_flushed = run.zero_rule == "flushed";
        run.zero_scale = check_.text(id, "/", "zero_scale", is_flushed).value_or("");
        if (!is_flushed && !run.zero_scale.empty()) {
            check_.problem("/", "attribute zero_scale: expected only with zero_rule flushed");
        }
    }

    void read_run(const Group& root) {
        found_.run.dataset_samples = std::numeric_limits<std::uint64_t>::max();  // not known yet
        const auto group = check_.group(root, "run", true);
        if (!group) {
            return;
        }
        const hid_t id = group->handle.id();
        const std::string& path = group->path;
        RunFacts& run = found_.run;
        check_.known_attributes(id, path,
                                {"dataset", "dataset_samples", "steps_per_epoch", "batch_size",
                                 "optimizer", "momentum", "weight_decay", "nesterov", "epochs"});
        check_.known_members(*group, {"accuracy"});
        run.dataset = check_.text(id, path, "dataset", true).value_or("");
        run.dataset_samples =
            check_.whole(id, path, "dataset_samples", 1, true).value_or(run.dataset_samples);
        run.steps_per_epoch = check_.whole(id, path, "steps_per_epoch", 1, true).value_or(1);
        run.batch_size = check_.whole(id, path, "batch_size", 1, true).value_or(1);
        run.optimizer = check_.text(id, path, "optimizer", false).value_or("");
        run.momentum = check_.real(id, path, "momentum", false);
        run.weight_decay = check_.real(id, path, "weight_decay", false);
        run.epochs = check_.whole(id, path, "epochs", 0, false);
        if (const auto nesterov = check_.whole(id, path, "nesterov", 0, false)) {
            run.nesterov = *nesterov != 0;
            if (*nesterov > 1) {
                check_.problem(
                    path, "attribute nesterov: expected 0 or 1, found " + to_string(*nesterov));
            }
        }
        if (const auto accuracy = check_.group(*group, "accuracy", false)) {
            read_accuracy(*accuracy);
        }
    }

    void read_accuracy(const Group& group) {
        Accuracy& accuracy = found_.accuracy;
        check_.known_members(group, {"epoch", "validation", "test", "training"});
        const auto epoch =
            check_.dataset(group, "epoch", Elements::kInteger, {}, kAccuracyLimit, true);
        if (!epoch) {
            check_.problem(group.path, "expected a dataset \"epoch\", found none that can be used");
            return;
        }
        accuracy.epoch = epoch->read_integers(0, epoch->rows());
        for (std::size_t i = 1; i < accuracy.epoch.size(); ++i) {
            if (accuracy.epoch[i] <= accuracy.epoch[i - 1]) {
                check_.problem(epoch->path(), "expected epochs that increase, found " +
                                                  to_string(accuracy.epoch[i - 1]) + " before " +
                                                  to_string(accuracy.epoch[i]));
                break;
            }
        }
        accuracy.validation = accuracy_list(group, "validation", epoch->rows());
        accuracy.test = accuracy_list(group, "test", epoch->rows());
        accuracy.training = accuracy_list(group, "training", epoch->rows());
        if (accuracy.validation.empty() && accuracy.test.empty() && accuracy.training.empty()) {
            check_.problem(group.path, "expected validation, test or training, found none");
        }
    }

    std::vector<double> accuracy_list(const Group& group, const std::string& name,
                                      std::uint64_t length) {
        const auto data = check_.dataset(group, name, Elements::kReal, {length}, 0, true);
        if (!data) {
            return {};
        }
        std::vector<double> values = data->read_doubles();
        for (const double value : values) {
            if (!(value >= 0.0 && value <= 1.0) && value != -1.0) {
                check_.problem(data->path(),
                               "expected values in 0..1, or -1 for not measured, "
                               "found " +
                                   to_string(value));
                break;
            }
        }
        return values;
    }

    void read_networks(const Group& root) {
        const auto group = check_.group(root, "networks", true);
        if (!group) {
            return;
        }
        const std::uint64_t before = check_.blocking();
        std::uint32_t students = 0;
        for (const std::string& name : check_.group_names(*group)) {
            network_names_.push_back(name);
            const std::size_t good = found_.networks.size();
            check_.guarded([&] { read_network(file_.open_group(*group, name), name, students); });
            if (found_.networks.size() == good) {
                check_.skipped("the data of network " + name + ", whose graph is not usable");
            }
        }
        if (students != 1 && check_.blocking() == before) {
            check_.problem(group->path, "expected exactly one network with role student, found " +
                                            to_string(students));
        }
        if (students != 1) {  // already a problem: do not blame the gradients as well
            for (Network& network : found_.networks) {
                network.is_student = true;
            }
        }
    }

    void read_network(const Group& group, const std::string& name, std::uint32_t& students) {
        if (!is_valid_name(name)) {
            check_.problem(group.path, "expected a network name of A-Z a-z 0-9 _ . - :");
        }
        check_.known_attributes(group.handle.id(), group.path, {"role"});
        check_.known_members(group, {"graph"});
        const auto role =
            check_.choice(group.handle.id(), group.path, "role", {"student", "teacher"}, true);
        const auto graph =
            check_.dataset(group, "graph", Elements::kBits, {}, kGraphBytesLimit, true);
        if (!graph) {
            check_.problem(group.path, "expected a dataset \"graph\", found none that can be used");
            return;
        }
        const std::vector<std::uint8_t> bytes = graph->read_rows(0, graph->rows());
        Network network;
        network.name = name;
        network.is_student = role == "student";
        network.graph = parse_graph({reinterpret_cast<const char*>(bytes.data()), bytes.size()},
                                    file_.place(graph->path()));
        if (network.is_student) {
            ++students;
            found_.student = static_cast<std::uint32_t>(found_.networks.size());
        }
        found_.networks.push_back(std::move(network));
    }

    void read_iterations(const Group& root) {
        const auto group = check_.group(root, "iterations", true);
        if (!group) {
            return;
        }
        const std::uint64_t before = check_.blocking();
        const std::uint64_t count = check_.numbered_groups(*group);
        if (count == 0 && check_.blocking() > before) {
            check_.skipped("the iterations, whose numbers have gaps");
        } else if (count == 0) {
            check_.problem(group->path, "expected at least one iteration, found none");
        }
        for (std::uint64_t n = 0; n < count; ++n) {
            base::throw_if_interrupted();
            check_.guarded([&] { read_iteration(file_.open_group(*group, to_string(n)), n); });
        }
    }

    void read_iteration(const Group& group, std::uint64_t number) {
        check_.known_members(group, {"samples", "networks"});
        IterationFacts facts;
        check_.facts([&] { read_iteration_facts(group, number, facts); });
        facts.samples = read_samples(group);
        found_.iterations.push_back(facts);
        if (facts.samples == 0) {
            check_.skipped("the data of iteration " + to_string(number) +
                           ", whose samples are not usable");
        }
        if (facts.samples == 0 || !check_.checks_datasets()) {
            return;
        }
        const auto networks = check_.group(group, "networks", false);
        if (!networks) {
            return;
        }
        check_.known_members(*networks, network_names_);
        for (const Network& network : found_.networks) {
            const auto own = check_.group(*networks, network.name, false);
            if (own) {
                check_.known_attributes(own->handle.id(), own->path, {});
                check_.known_members(*own, {"tensors", "parameters"});
                members_.check_tensors(*own, network, facts);
                members_.check_parameters(*own, network, number, facts.samples);
                note_lost_patterns(*own, network.graph);
            }
        }
    }

    /// A pattern does not pass through an operator by itself.
    void note_lost_patterns(const Group& own, const Graph& graph) {
        const auto tensors = check_.group(own, "tensors", false);
        const auto has_pattern = [&](std::uint32_t tensor) {
            const std::string& name = graph.tensors[tensor].name;
            return tensors && file_.member(*tensors, name) == Member::kGroup &&
                   file_.member(file_.open_group(*tensors, name), "nonzero") != Member::kNone;
        };
        for (const Operator& op : graph.operators) {
            if (op.kind != OperatorKind::kFlatten && op.kind != OperatorKind::kReshape &&
                op.kind != OperatorKind::kIdentity) {
                continue;
            }
            const std::uint32_t out = op.outputs.front();
            const bool feeds_layer = std::any_of(
                graph.operators.begin(), graph.operators.end(), [&](const Operator& reader) {
                    return reader.is_layer() && reader.inputs.front() == out;
                });
            if (feeds_layer && has_pattern(op.inputs.front()) && !has_pattern(out)) {
                check_.note(own.path + "/tensors/" + graph.tensors[out].name,
                            "has no nonzero, so the layer that reads it takes it as dense, though "
                            "the input of the flatten, reshape or identity before it has one");
            }
        }
    }

    void read_iteration_facts(const Group& group, std::uint64_t number, IterationFacts& facts) {
        const hid_t id = group.handle.id();
        check_.known_attributes(id, group.path, {"epoch", "step", "learning_rate", "phase"});
        facts.epoch = check_.whole(id, group.path, "epoch", 0, true).value_or(0);
        facts.step = check_.whole(id, group.path, "step", 0, true).value_or(0);
        facts.learning_rate = check_.real(id, group.path, "learning_rate", false);
        if (check_.choice(id, group.path, "phase", {"train", "inference"}, true) == "inference") {
            facts.phase = Phase::kInference;
        }
        if (number > 0 && number <= found_.iterations.size() &&
            facts.step <= found_.iterations[number - 1].step) {
            check_.problem(group.path, "attribute step: expected more than " +
                                           to_string(found_.iterations[number - 1].step) +
                                           ", the step before, found " + to_string(facts.step));
        }
    }

    /// Batch of the iteration; 0 after a problem.
    std::uint64_t read_samples(const Group& iteration) {
        const auto group = check_.group(iteration, "samples", true);
        if (!group) {
            return 0;
        }
        return check_sample_lists(*group, kSamplesLimit);
    }

    std::uint64_t check_sample_lists(const Group& group, std::uint64_t limit) {
        check_.known_members(group, {"id", "label", "prediction", "confidence"});
        const auto id = check_.dataset(group, "id", Elements::kInteger, {}, limit, true);
        if (!id) {
            check_.problem(group.path, "expected a dataset \"id\", found none that can be used");
            return 0;
        }
        check_.dataset(group, "label", Elements::kInteger, {id->rows()});
        check_.dataset(group, "prediction", Elements::kInteger, {id->rows()});
        check_.dataset(group, "confidence", Elements::kFloat, {id->rows()});
        return id->rows();
    }

    void read_epochs(const Group& root) {
        const auto group = check_.group(root, "epochs", false);
        const std::uint64_t count = group ? check_.numbered_groups(*group) : 0;
        for (std::uint64_t n = 0; n < count; ++n) {
            check_.guarded([&] {
                const Group own = file_.open_group(*group, to_string(n));
                check_.known_attributes(own.handle.id(), own.path, {"epoch"});
                EpochFacts facts;
                facts.epoch = check_.whole(own.handle.id(), own.path, "epoch", 0, true).value_or(0);
                facts.visits = check_sample_lists(own, kListLimit);
                found_.epochs.push_back(facts);
            });
        }
    }

    void read_events(const Group& root) {
        const auto group = check_.group(root, "pruning_events", false);
        const std::uint64_t count = group ? check_.numbered_groups(*group) : 0;
        for (std::uint64_t n = 0; n < count; ++n) {
            check_.guarded([&] { read_event(file_.open_group(*group, to_string(n))); });
        }
    }

    void read_event(const Group& group) {
        const hid_t id = group.handle.id();
        check_.known_attributes(id, group.path,
                                {"epoch", "step", "network", "kind", "reason", "accuracy_before"});
        check_.known_members(group, {"parameters"});
        PruningEventFacts facts;
        facts.epoch = check_.whole(id, group.path, "epoch", 0, true).value_or(0);
        facts.step = check_.whole(id, group.path, "step", 0, true).value_or(0);
        facts.kind =
            check_
                .choice(id, group.path, "kind",
                        {"fine_magnitude", "coarse_magnitude", "coarse_similarity", "rollback"},
                        true)
                .value_or("");
        facts.reason = check_.text(id, group.path, "reason", true).value_or("");
        facts.accuracy_before = check_.real(id, group.path, "accuracy_before", false);
        const auto name = check_.choice(id, group.path, "network", network_names_, true);
        const auto network = std::find_if(found_.networks.begin(), found_.networks.end(),
                                          [&](const Network& known) { return known.name == name; });
        if (network == found_.networks.end()) {
            return;
        }
        facts.network = static_cast<std::uint32_t>(network - found_.networks.begin());
        if (const auto parameters = check_.group(group, "parameters", false)) {
            const Graph& graph = found_.networks[facts.network].graph;
            for (const auto& [index, own] :
                 members_.named_groups(*parameters, graph.parameter_index, "parameter")) {
                members_.check_pruned(own, graph.parameters[index]);
                facts.parameters.push_back(index);
            }
        }
        found_.pruning_events.push_back(std::move(facts));
    }

    const Hdf5File& file_;
    LayoutChecker check_;
    Structure found_;
    MemberChecker members_{check_};
    WrongFacts wrong_facts_;
    std::vector<std::string> network_names_;  // with those whose graph is not usable
};

}  // namespace

Structure read_structure(const Hdf5File& file, bool checks_datasets, WrongFacts wrong_facts) {
    return Walk(file, checks_datasets, wrong_facts).read();
}

}  // namespace skipsim::trace
