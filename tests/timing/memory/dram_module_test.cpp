// SPDX-License-Identifier: Apache-2.0
// The DRAM behind its socket: in which step of time each phase comes. One kernel step is 1 ps, the
// memory clock's period 10 ps. Timings of the small DRAM: tRCD 5, CL 7, burst 4.
#include <gtest/gtest.h>
#include <tlm_utils/simple_initiator_socket.h>

#include <map>
#include <memory>

#include "models/memory/dram/dram_module.h"
#include "tests/support/dram_run.h"
#include "tests/support/recorded_timeline.h"

namespace skipsim::memory {
namespace {

constexpr std::uint64_t kPeriod = 10;

/// Sends requests one after the other, each no earlier than planned and after the last END_REQ.
struct Initiator final : sc_core::sc_module {
    struct Planned {
        std::uint64_t time = 0;
        std::uint64_t address = 0;
        bool is_write = false;
        unsigned length = 64;
        std::uint64_t delay = 0;  ///< annotated to BEGIN_REQ
    };
    tlm_utils::simple_initiator_socket<Initiator> socket{"socket"};
    std::vector<Planned> plan;
    std::uint64_t end_resp_delay = 0;
    std::vector<std::uint64_t> end_req;
    std::vector<std::uint64_t> begin_resp;
    std::vector<tlm::tlm_response_status> status;

    explicit Initiator(const sc_core::sc_module_name& name) : sc_core::sc_module(name) {
        socket.register_nb_transport_bw(this, &Initiator::backward);
        SC_HAS_PROCESS(Initiator);
        SC_THREAD(run);
        SC_METHOD(end_response);
        sensitive << response;
        dont_initialize();
    }

    static std::uint64_t now() { return sc_core::sc_time_stamp().value(); }

    void run() {
        const std::size_t count = plan.size();
        payloads = std::vector<tlm::tlm_generic_payload>(count);
        end_req.assign(count, kNever);
        begin_resp.assign(count, kNever);
        status.assign(count, tlm::TLM_INCOMPLETE_RESPONSE);
        for (std::size_t i = 0; i < count; ++i) {
            if (plan[i].time > now()) {
                wait(sc_core::sc_time::from_value(plan[i].time - now()));
            }
            send(i);
            while (end_req[i] == kNever) {
                wait(accepted);
            }
        }
    }

    void send(std::size_t i) {
        tlm::tlm_generic_payload& payload = payloads[i];
        index[&payload] = i;
        payload.set_address(plan[i].address);
        payload.set_data_length(plan[i].length);
        payload.set_command(plan[i].is_write ? tlm::TLM_WRITE_COMMAND : tlm::TLM_READ_COMMAND);
        tlm::tlm_phase phase = tlm::BEGIN_REQ;
        sc_core::sc_time delay = sc_core::sc_time::from_value(plan[i].delay);
        const tlm::tlm_sync_enum answer = socket->nb_transport_fw(payload, phase, delay);
        if (answer != tlm::TLM_ACCEPTED) {
            end_req[i] = now();
        }
        if (answer == tlm::TLM_COMPLETED) {
            status[i] = payload.get_response_status();
        }
    }

    tlm::tlm_sync_enum backward(tlm::tlm_generic_payload& payload, tlm::tlm_phase& phase,
                                sc_core::sc_time& /*delay*/) {
        const std::size_t i = index.at(&payload);
        if (phase == tlm::END_REQ) {
            end_req[i] = now();
            accepted.notify(sc_core::SC_ZERO_TIME);
            return tlm::TLM_ACCEPTED;
        }
        begin_resp[i] = now();
        status[i] = payload.get_response_status();
        if (end_resp_delay == 0) {
            return tlm::TLM_COMPLETED;
        }
        answered = &payload;
        response.notify(sc_core::sc_time::from_value(end_resp_delay));
        return tlm::TLM_ACCEPTED;
    }

    void end_response() {
        tlm::tlm_phase phase = tlm::END_RESP;
        sc_core::sc_time delay = sc_core::SC_ZERO_TIME;
        socket->nb_transport_fw(*answered, phase, delay);
    }

    std::vector<tlm::tlm_generic_payload> payloads;
    std::map<const tlm::tlm_generic_payload*, std::size_t> index;
    tlm::tlm_generic_payload* answered = nullptr;
    sc_core::sc_event accepted;
    sc_core::sc_event response;
};

/// "cycle: R address"
struct RecordedRequests final : DramRequestLog {
    void enters(const DramRequest& request, std::uint64_t cycle) override {
        lines.push_back(std::to_string(cycle) + (request.is_write ? ": W " : ": R ") +
                        std::to_string(request.address));
    }
    std::vector<std::string> lines;
};

struct Bench {
    std::unique_ptr<Initiator> initiator;
    std::unique_ptr<DramModule> dram;

    Bench(const std::string& name, const DramParams& params) {
        initiator = std::make_unique<Initiator>(("initiator_" + name).c_str());
        dram = std::make_unique<DramModule>(("dram_" + name).c_str(), params, kPeriod);
        initiator->socket.bind(dram->socket);
        dram->set_timeline(&timeline);
        dram->log_to(&requests);
    }

    test::RecordedTimeline timeline;
    RecordedRequests requests;
};

DramParams tiny_queue() {
    DramParams params = test::small_dram();
    params.controller.queue_entries = 2;
    return params;
}

/// All in one simulation, as SystemC cannot be elaborated twice. Built before the first test runs.
struct Benches {
    Bench crossing{"crossing", test::small_dram()};
    Bench full{"full", tiny_queue()};
    Bench slow{"slow", test::small_dram()};
    Bench wrong{"wrong", test::small_dram()};
    Bench late{"late", test::small_dram()};
    Bench pause{"pause", test::small_dram()};

    Benches() {
        crossing.initiator->plan = {{0, 0}, {1001, 0}, {2000, 0}, {2009, 1 << 12, true}};
        full.initiator->plan = {{0, 0}, {0, 64}, {0, 128}, {0, 192}};
        slow.initiator->plan = {{0, 0}, {0, 64}};
        slow.initiator->end_resp_delay = 500;
        const std::uint64_t capacity = test::small_dram().capacity();
        wrong.initiator->plan = {
            {0, 32, false, 64}, {0, capacity}, {0, 0, false, 0}, {0, 32, true, 32}};
        late.initiator->plan = {{0, 0, false, 64, 95}};
        pause.initiator->plan = {{0, 0}, {10'410, 64, true}, {20'820, 0}};
        sc_core::sc_start(sc_core::sc_time::from_value(30'000));
        for (Bench* bench : {&crossing, &full, &slow, &wrong, &late, &pause}) {
            bench->dram->set_timeline(nullptr);
        }
    }
};

const Benches& benches() {
    static const Benches kBenches;
    return kBenches;
}

// Time 0 is edge 0: pushed into cycle 0, ACT at 1, RD at 6, done at 6 + 7 + 4 = 17.
// Time 1001 is behind edge 100, so edge 101: an open row, RD at 102, done at 113.
// Time 2000 is edge 200: RD at 201, done at 212.
// Time 2009: edge 201; a row of the other rank: ACT at 202, write possible at 208 (tRCD 6). The
// read before it holds the data bus until 212, another rank's data starts tRTRS = 3 later, at 215:
// WR at 210 (CWL 5), done at 219.
TEST(DramModule, ARequestEntersAtTheFirstEdgeAtOrAfterItsArrival) {
    const Initiator& i = *benches().crossing.initiator;
    EXPECT_EQ(i.end_req, (std::vector<std::uint64_t>{0, 1001, 2000, 2009}));
    EXPECT_EQ(i.begin_resp, (std::vector<std::uint64_t>{170, 1130, 2120, 2190}));
    EXPECT_EQ(i.status, std::vector<tlm::tlm_response_status>(4, tlm::TLM_OK_RESPONSE));
}

// Two entries: the third request enters when the first read is issued, in cycle 6, the fourth with
// the second, tCCD_L = 7 later, in cycle 13. Data 11 after each command; reads 6, 13, 20, 27.
TEST(DramModule, EndReqComesWhenRoomAppears) {
    const Initiator& i = *benches().full.initiator;
    EXPECT_EQ(i.end_req, (std::vector<std::uint64_t>{0, 0, 60, 130}));
    EXPECT_EQ(i.begin_resp, (std::vector<std::uint64_t>{170, 240, 310, 380}));
}

// The second burst is there at cycle 24, but the first response ends at 170 + 500.
TEST(DramModule, AResponseWaitsForTheEndOfTheOneBefore) {
    const Initiator& i = *benches().slow.initiator;
    EXPECT_EQ(i.begin_resp, (std::vector<std::uint64_t>{170, 670}));
}

TEST(DramModule, WhatIsNotWithinOneBurstOrTheCapacityIsAnError) {
    const Initiator& i = *benches().wrong.initiator;
    EXPECT_EQ(i.status[0], tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(i.status[1], tlm::TLM_ADDRESS_ERROR_RESPONSE);
    EXPECT_EQ(i.status[2], tlm::TLM_BURST_ERROR_RESPONSE);
    EXPECT_EQ(i.status[3], tlm::TLM_OK_RESPONSE);
}

// Sent at 0 with a delay of 95: arrives at 95, enters at edge 10, ACT at 11, RD at 16, done at 27.
TEST(DramModule, AnAnnotatedDelayIsWaitedFor) {
    const Initiator& i = *benches().late.initiator;
    EXPECT_EQ(i.end_req, (std::vector<std::uint64_t>{95}));
    EXPECT_EQ(i.begin_resp, (std::vector<std::uint64_t>{270}));
}

TEST(DramModule, RequestsAreLoggedInTheCycleInWhichTheyEnter) {
    EXPECT_EQ(benches().crossing.requests.lines,
              (std::vector<std::string>{"0: R 0", "101: R 0", "200: R 0", "201: W 4096"}));
    EXPECT_EQ(benches().full.requests.lines,
              (std::vector<std::string>{"0: R 0", "0: R 64", "6: R 128", "13: R 192"}));
    EXPECT_EQ(benches().wrong.requests.lines, std::vector<std::string>{"0: W 32"});
}

TEST(DramModule, ASliceLastsFromTheFirstRequestToTheLastCompletion) {
    EXPECT_EQ(benches().crossing.timeline.slices,
              std::vector<std::string>{"memory/DRAM channel 0: requests 0..2190 reads=3 writes=1"});
}

// Complete at 17; the next enters 1024 cycles later, in cycle 1041: the same slice. Rank 0 was
// refreshed in between (due at 500), so the bank is closed: ACT at 1042, WR at 1048 (tRCD 6), done
// at 1048 + 5 + 4 = 1057 (CWL 5). The third enters 1025 cycles later, in cycle 2082, after another
// refresh: ACT at 2083, RD at 2088, done at 2099.
TEST(DramModule, APauseOfMoreThan1024CyclesEndsASlice) {
    EXPECT_EQ(benches().pause.timeline.slices,
              (std::vector<std::string>{
                  "memory/DRAM channel 0: requests 0..10570 reads=1 writes=1",
                  "memory/DRAM channel 0: requests 20820..20990 reads=1 writes=0"}));
}

}  // namespace
}  // namespace skipsim::memory
