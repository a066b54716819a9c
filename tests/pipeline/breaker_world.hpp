#pragma once

#include "pipeline/lane_informer.hpp"
#include "pipeline/operator_request.hpp"
#include "tests/pipeline/linked_world.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>
#include <vector>

// Ten persons whom a and b know. In an hour an agency may change three of them and delete two.

namespace casebridge::pipeline {

inline BreakerRule small_breaker()
{
    return {
        .window = std::chrono::hours{1             },
        .changed = { .per_million = 0, .at_least = 3},
        .deleted = { .per_million = 0, .at_least = 2},
    };
}

inline BridgeDefinition guarded_bridge(conflict::DeleteRule rule = conflict::PropagateDelete{})
{
    auto bridge = sample_bridge(2);
    bridge.on_delete.insert_or_assign(person_entity, std::move(rule));
    for (auto& table : bridge.tables)
        table.remote_delete = mapping::RemoteDelete::permitted;
    bridge.breakers.emplace(person_entity, small_breaker());
    return bridge;
}

inline World people(BridgeDefinition bridge = guarded_bridge(), int count = 10)
{
    World world{std::move(bridge)};
    for (int i = 1; i <= count; ++i)
        world.insert(
            "a.person",
            std::to_string(i),
            {
                {"given",  "Anna"                 },
                {"family", "B" + std::to_string(i)},
                {"number", std::to_string(70 + i) },
                {"phone",  "100"                  }
        }
        );
    world.settle();
    return world;
}

// One transaction at a.
inline void erase_people(World& world, int first, int last)
{
    auto edit = world.edit("a");
    for (int i = first; i <= last; ++i)
        edit.erase("a.person", std::to_string(i));
    edit.commit();
}

inline void change_people(World& world, int first, int last, const std::string& phone)
{
    auto edit = world.edit("a");
    for (int i = first; i <= last; ++i)
        edit.update(
            "a.person",
            std::to_string(i),
            {
                {"phone", phone}
        }
        );
    edit.commit();
}

inline bool held(World& world, const std::string& agency = "a")
{
    return world.state().agencies.at(AgencyId{agency}).held();
}

inline RequestAnswered approve(
    World& world,
    ApprovedDeletions deletions = ApprovedDeletions::follow,
    std::optional<JournalSeq> breaker = std::nullopt
)
{
    const auto& known = world.state().agencies.at(AgencyId{"a"}).breaker;
    OperatorRequest request;
    request.note.id = RequestId{1};
    request.note.kind = approve_breaker_kind;
    request.note.deadline = PgTime{2};
    request.body =
        ApproveBreaker{AgencyId{"a"}, breaker.value_or(known ? known->since : JournalSeq{1}), deletions};
    EntryLog log{world.state()};
    EXPECT_EQ(answer_request(request, PgTime{1}, {}, log), Answered::here);
    world.append(log);
    world.end_step();
    return world.entries<RequestAnswered>().back();
}

}  // namespace casebridge::pipeline
