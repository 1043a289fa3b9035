// SPDX-License-Identifier: Apache-2.0
#include "models/accelerator/clocked/vector_unit_module.h"

#include <utility>

namespace skipsim::clocked {

using kernel::Step;

VectorUnitModule::VectorUnitModule(const sc_core::sc_module_name& name, DmaPort& dma,
                                   kernel::PhasedClock& clock)
    : sc_core::sc_module(name), clock_(clock), unit_(dma, [this] { wake(); }) {
    SC_HAS_PROCESS(VectorUnitModule);
    SC_METHOD(due);
    sensitive << clock_.event(Step::due);
    dont_initialize();
    SC_METHOD(step);
    sensitive << clock_.event(Step::vector_unit);
    dont_initialize();
    SC_METHOD(sample);
    sensitive << clock_.event(Step::array);
    dont_initialize();
    clock_.add(this->name(), this);
}

void VectorUnitModule::start(std::vector<accelerator::VectorStep> steps, bool is_background,
                             Done done) {
    unit_.begin(clock_.cycle());
    clock_.keep_alive();
    unit_.start(std::move(steps), is_background, std::move(done));
}

void VectorUnitModule::wake() {
    clock_.keep_alive();
    clock_.ask(Step::vector_unit);
}

void VectorUnitModule::due() {
    if (unit_.is_computing()) {
        clock_.keep_alive();
    }
    unit_.begin(clock_.cycle());
}

void VectorUnitModule::step() {
    unit_.begin(clock_.cycle());
    unit_.step();
}

void VectorUnitModule::sample() {
    unit_.sample();
    if (unit_.is_computing()) {
        clock_.keep_alive();
    }
    shown_computing_ = unit_.is_computing() ? 1 : 0;
    shown_transfers_ = static_cast<std::uint32_t>(unit_.transfers_under_way());
}

std::string VectorUnitModule::state() const {
    return std::to_string(unit_.pending()) + " jobs, " +
           std::to_string(unit_.transfers_under_way()) + " transfers under way, " +
           (unit_.is_computing() ? std::to_string(unit_.cycles_left()) + " cycles left of a block"
                                 : "no block computed");
}

void VectorUnitModule::watch(const Watch& watch) const {
    watch("computing", shown_computing_, 1);
    watch("transfers", shown_transfers_, 16);
}

}  // namespace skipsim::clocked
