#pragma once

#include "pipeline/lane_informer.hpp"
#include "pipeline/operator_request.hpp"
#include "tests/pipeline/world.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <iterator>
#include <utility>
#include <vector>

// A person asks for something through the hub's inbox, and the daemon answers.

namespace casebridge::pipeline {

// By the hub's clock.
inline constexpr PgTime asked_at{2'000'000'000};

// `journal_loses` takes out of a record's history what the journal is not to have any more.
inline RequestAnswered ask(
    World& world, RequestBody body, const std::function<void(RecordHistory&)>& journal_loses = nullptr
)
{
    OperatorRequest request;
    request.note.id = RequestId{1};
    request.note.requested_by = "anna";
    request.note.reason = "asked both";
    request.note.deadline = PgTime{asked_at.value() + 1};
    request.body = std::move(body);
    std::vector<RecordHistory> histories;
    const auto answer_demands = [&] {
        for (auto demand = request_demand(world.state(), request, histories); !demand.empty();
             demand = request_demand(world.state(), request, histories))
            world.answer_demand(demand);
    };
    answer_demands();
    for (const auto record : request_histories(world.state(), request)) {
        histories.push_back({record, {}, {}});
        for (const auto& entry : world.journal())
            add_entry(histories.back(), entry);
    }
    for (auto& history : histories)
        if (journal_loses)
            journal_loses(history);
    answer_demands();
    std::vector<Entry> looked_up;
    const auto seqs = request_entries(world.state(), request);
    std::ranges::copy_if(world.journal(), std::back_inserter(looked_up), [&](const Entry& entry) {
        return std::ranges::find(seqs, entry.seq) != seqs.end();
    });
    EntryLog log{world.state()};
    const Known known{looked_up, histories, &world.lanes()};
    EXPECT_EQ(answer_request(request, asked_at, known, log), Answered::here);
    inform_lanes(world.state(), world.lanes(), log.entries(), std::nullopt);
    world.append(log);
    world.end_step();
    return world.entries<RequestAnswered>().back();
}

}  // namespace casebridge::pipeline
