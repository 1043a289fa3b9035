// SPDX-License-Identifier: Apache-2.0
#include "sim/app/program.h"

#include "sim/app/commands.h"
#include "sim/app/printable.h"
#include "sim/base/check.h"
#include "sim/base/errors.h"
#include "sim/base/nearest.h"
#include "sim/base/version.h"

#include <sysc/kernel/sc_kernel_ids.h>
#include <systemc>

#include <filesystem>
#include <new>
#include <ostream>
#include <string_view>

namespace skipsim::app {
namespace {

const std::vector<Subcommand>& commands() {
    static const std::vector<Subcommand> kCommands{
        {"run", "simulate training steps of a trace on a configured chip", run_command},
        {"sweep", "run a configuration with some keys varied", sweep_command},
        {"pareto", "points of a sweep that no other beats", pareto_command},
        {"sensitivity", "which axis of a sweep moves a metric most", sensitivity_command},
        {"compare", "put results beside each other, stop at a regression", compare_command},
        {"report", "one HTML page of results and sweeps, with charts", report_command},
        {"trace", "look at, check, make and cut traces", trace_command},
        {"config", "check, show and describe configurations", config_command},
        {"list", "list parameters, actions and statistics", list_command},
    };
    return kCommands;
}

constexpr const char* kExamples =
    "\nexamples:\n"
    "  skipsim run configs/pnpu.yaml --trace traces/resnet20-cifar10-e12.h5\n"
    "  skipsim run configs/pnpu.yaml --trace my.h5 --set core.rows=16 --out runs/rows16\n"
    "  skipsim sweep configs/sweeps/cluster-count.yaml\n"
    "  skipsim pareto runs/cluster-count --objective cycles --objective energy_pj\n"
    "  skipsim compare runs/dense runs/pnpu --by stage\n"
    "  skipsim report runs/pnpu runs/cluster-count --out report.html\n"
    "  skipsim trace info traces/resnet20-cifar10-e12.h5\n"
    "  skipsim config check configs/pnpu.yaml\n"
    "  skipsim list params\n"
    "\nexit status: 0 done, 1 a check said no, 2 wrong input, 3 the machine refused (cannot write, "
    "disk full,\nout of memory), 70 a bug in skipsim, 130 and 143 interrupted\n";

std::string command_names() {
    std::string names;
    for (const Subcommand& command : commands()) {
        names += (names.empty() ? "" : ", ") + std::string(command.name);
    }
    return names;
}

std::string general_help() {
    std::string text =
        "usage: skipsim COMMAND ...\n\n"
        "Counts the cycles and the energy that a chip for training sparse neural networks needs "
        "for recorded\ntraining steps.\n\ncommands (COMMAND --help explains each):\n";
    for (const Subcommand& command : commands()) {
        constexpr std::size_t kColumn = 13;
        const std::string name = command.name;
        text += "  " + name + std::string(kColumn - name.size(), ' ') + command.meaning + '\n';
    }
    text += "  --version    print version and revision\n";
    return text + kExamples;
}

int dispatch(const std::vector<std::string>& words, std::ostream& out) {
    if (words.empty()) {
        throw base::InputError("skipsim: missing command; expected one of " + command_names() +
                               " (skipsim --help explains them)");
    }
    if (words[0] == "--version") {
        out << "skipsim " << base::version() << " (" << base::revision() << ")\n";
        return kDone;
    }
    if (words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
        out << general_help();
        return kDone;
    }
    return run_subcommand("", commands(), words, out);
}

void print_bug(std::ostream& err, const char* what) {
    err << "skipsim: a bug in skipsim: " << printable(what)
        << "\nskipsim: please report it with the command line, the configuration and the trace\n";
}

}  // namespace

int run_subcommand(const std::string& command, const std::vector<Subcommand>& subcommands,
                   const Words& words, std::ostream& out) {
    std::vector<std::string> names;
    std::string list;
    for (const Subcommand& subcommand : subcommands) {
        names.emplace_back(subcommand.name);
        list += (list.empty() ? "" : ", ") + names.back();
    }
    const std::string program = command.empty() ? "skipsim" : "skipsim " + command;
    if (words.empty()) {
        throw base::InputError(program + ": missing command; expected one of " + list);
    }
    if (words[0] == "--help" || words[0] == "-h") {
        out << "usage: " << program << " COMMAND ...   (COMMAND --help explains each)\n\n";
        for (const Subcommand& subcommand : subcommands) {
            out << "  " << program << ' ' << subcommand.name << "\n      " << subcommand.meaning
                << '\n';
        }
        return kDone;
    }
    for (const Subcommand& subcommand : subcommands) {
        if (words[0] == subcommand.name) {
            return subcommand.run({words.begin() + 1, words.end()}, out);
        }
    }
    const std::string near = base::nearest_name(words[0], names);
    throw base::InputError(program + ": " + words[0] + ": unknown command; expected one of " +
                           list + (near.empty() ? "" : "; did you mean " + near + "?"));
}

int run_program(const std::vector<std::string>& words, std::ostream& out, std::ostream& err) {
    try {
        return dispatch(words, out);
    } catch (const base::InputError& error) {
        for (const std::string& line : error.lines()) {
            err << printable(line) << '\n';
        }
        return kWrongInput;
    } catch (const base::MachineError& error) {
        err << "skipsim: " << printable(error.what()) << '\n';
    } catch (const std::filesystem::filesystem_error& error) {
        err << "skipsim: " << printable(error.what()) << '\n';
    } catch (const std::bad_alloc&) {
        err << "skipsim: out of memory\n";
    } catch (const sc_core::sc_report& report) {
        if (std::string_view(report.get_msg_type()) != sc_core::SC_ID_STACK_SETUP_FAILED_) {
            print_bug(err, report.what());
            return kBug;
        }
        err << "skipsim: out of memory\n";  // SystemC could not allocate a stack
    } catch (const base::Interrupted& interrupted) {
        err << "skipsim: interrupted; nothing is left half-written\n";
        return kInterrupted + interrupted.signal;
    } catch (const std::exception& error) {
        print_bug(err, error.what());
        return kBug;
    } catch (...) {
        print_bug(err, "an exception of unknown type");
        return kBug;
    }
    return kMachineRefused;
}

}  // namespace skipsim::app
