#include "pipeline/operator_request.hpp"

#include "tests/pipeline/sample_bridge.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace casebridge::pipeline {
namespace {

using ::testing::HasSubstr;
using std::chrono_literals::operator""s;

constexpr PgTime noon{800'000'000'000'000};
const AgencyId a{"a"};
const AgencyId b{"b"};

PgTime later(std::int64_t seconds)
{
    return PgTime{noon.value() + seconds * 1'000'000};
}

class OperatorRequests : public ::testing::Test {
protected:
    OperatorRequest request(RequestBody body, std::int64_t id = 1) const
    {
        RequestNote note;
        note.id = RequestId{id};
        note.kind = "pause";
        note.requested_by = "anna";
        note.reason = "upgrade";
        note.requested_at = noon;
        note.deadline = later(30);
        return {std::move(note), std::move(body)};
    }

    // What the answer says; everything that was written is kept in `journal_`.
    RequestAnswered answered(const OperatorRequest& request, PgTime now = noon)
    {
        EntryLog log{*state_};
        EXPECT_EQ(answer_request(request, now, {}, log), Answered::here);
        std::ranges::copy(log.entries(), std::back_inserter(journal_));
        return std::get<RequestAnswered>(journal_.back().body);
    }

    void end_due(PgTime now)
    {
        EntryLog log{*state_};
        resume_due(now, log);
        std::ranges::copy(log.entries(), std::back_inserter(journal_));
    }

    const std::optional<Pause>& pause_of(const AgencyId& agency) const
    {
        return state_->agencies.at(agency).pause;
    }

    BridgeDefinition bridge_ = sample_bridge(2);
    std::unique_ptr<BridgeState> state_ = std::make_unique<BridgeState>(bridge_);
    std::vector<Entry> journal_;
};

TEST_F(OperatorRequests, APauseStandsWithItsAnswerAndSaysWhoWhyAndUntilWhen)
{
    const auto answer = answered(request(PauseAgency{a, 90s}));
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("a is paused until " + to_utc_text(later(90))));
    EXPECT_THAT(answer.text, HasSubstr("keeps WAL"));
    EXPECT_EQ(journal_.size(), 2U);
    EXPECT_EQ(pause_of(a), (Pause{JournalSeq{1}, "anna", "upgrade", later(90)}));
    EXPECT_EQ(pause_of(b), std::nullopt);
    EXPECT_EQ(next_resume(*state_), later(90));
}

TEST_F(OperatorRequests, APauseOfAPausedAgencyReplacesItAndNamesWhoseItWas)
{
    answered(request(PauseAgency{a, 90s}));
    auto second = request(PauseAgency{a, std::nullopt}, 2);
    second.note.requested_by = "ben";
    const auto answer = answered(second);
    EXPECT_EQ(answer.outcome, RequestOutcome::done);
    EXPECT_THAT(answer.text, HasSubstr("it was, by anna"));
    EXPECT_EQ(pause_of(a), (Pause{JournalSeq{3}, "ben", "upgrade", std::nullopt}));
    EXPECT_EQ(next_resume(*state_), std::nullopt);
}

TEST_F(OperatorRequests, AResumeEndsThePauseAndIsDoneWithoutEffectWhereThereIsNone)
{
    EXPECT_EQ(answered(request(ResumeAgency{a})).outcome, RequestOutcome::done);
    EXPECT_EQ(journal_.size(), 1U);
    answered(request(PauseAgency{a, std::nullopt}, 2));
    EXPECT_EQ(answered(request(ResumeAgency{a}, 3)).outcome, RequestOutcome::done);
    EXPECT_EQ(pause_of(a), std::nullopt);
    EXPECT_EQ(std::get<AgencyResumed>(journal_.at(3).body).request, RequestId{3});
}

TEST_F(OperatorRequests, WhatCannotBeDoneIsRefusedAndChangesNothing)
{
    for (const auto& body : std::vector<RequestBody>{
             PauseAgency{AgencyId{"x"}, std::nullopt},
             ResumeAgency{AgencyId{"x"}            },
             NotUnderstood{"no such kind"},
    })
        EXPECT_EQ(answered(request(body)).outcome, RequestOutcome::refused);
    EXPECT_EQ(journal_.size(), 3U);
    EXPECT_THAT(std::get<RequestAnswered>(journal_.back().body).text, HasSubstr("no such kind"));
}

TEST_F(OperatorRequests, FromTheDeadlineOnARequestOfAnyKindExpires)
{
    for (const auto& body : std::vector<RequestBody>{
             PauseAgency{a,                                 std::nullopt},
             ResumeAgency{a                                },
             ReloadConfiguration{                                 },
             NotUnderstood{"?"                                }
    })
        EXPECT_EQ(answered(request(body), later(30)).outcome, RequestOutcome::expired);
    EXPECT_EQ(pause_of(a), std::nullopt);
    EXPECT_EQ(answered(request(PauseAgency{a, std::nullopt}), later(29)).outcome, RequestOutcome::done);
}

TEST_F(OperatorRequests, ReadingFilesIsLeftToTheShell)
{
    EntryLog log{*state_};
    EXPECT_EQ(answer_request(request(ReloadConfiguration{}), noon, {}, log), Answered::by_the_shell);
    EXPECT_TRUE(log.entries().empty());
}

TEST_F(OperatorRequests, APauseEndsByItselfWhenItsTimeHasComeAndNotBefore)
{
    answered(request(PauseAgency{a, 90s}));
    answered(request(PauseAgency{b, 10s}, 2));
    EXPECT_EQ(next_resume(*state_), later(10));
    end_due(later(9));
    EXPECT_TRUE(pause_of(b).has_value());
    end_due(later(10));
    EXPECT_FALSE(pause_of(b).has_value());
    EXPECT_TRUE(pause_of(a).has_value());
    EXPECT_EQ(std::get<AgencyResumed>(journal_.back().body).request, std::nullopt);
    const auto entries = journal_.size();
    end_due(later(10));
    EXPECT_EQ(journal_.size(), entries);
}

TEST_F(OperatorRequests, TheJournalAloneGivesTheSamePausesAgain)
{
    answered(request(PauseAgency{a, 90s}));
    answered(request(PauseAgency{b, 10s}, 2));
    end_due(later(10));
    answered(request(PauseAgency{a, std::nullopt}, 3));
    BridgeState again{bridge_};
    for (const auto& entry : journal_)
        apply(again, entry);
    EXPECT_EQ(again.agencies, state_->agencies);
}

TEST_F(OperatorRequests, APauseOfAnAgencyThatTheConfigurationHasNoMoreIsPassedOver)
{
    apply(
        *state_,
        {
            JournalSeq{1            },
            AgencyPaused{ AgencyId{"x"}, RequestId{1}, "anna", "upgrade", std::nullopt}
    }
    );
    apply(
        *state_,
        {
            JournalSeq{2            },
            AgencyResumed{ AgencyId{"x"}, std::nullopt}
    }
    );
    EXPECT_EQ(state_->agencies.size(), 2U);
}

TEST(RequestKinds, AnUnknownOneIsNotRepeated)
{
    EXPECT_EQ(known_kind("pause"), "pause");
    EXPECT_EQ(known_kind("a_name_of_somebody"), "unknown");
}

}  // namespace
}  // namespace casebridge::pipeline
