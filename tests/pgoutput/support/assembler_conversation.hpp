#pragma once

#include "connectors/pgoutput/transaction_assembler.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <stdexcept>
#include <string>
#include <utility>

// A conversation with a TransactionAssembler in few words: every message counts as 10 bytes.

namespace casebridge::pgoutput::test {

inline const AssemblyLimits unlimited{
    std::numeric_limits<std::size_t>::max(), std::numeric_limits<std::size_t>::max(), ""};
inline constexpr auto person = RelationOid{7};

inline Cell text(std::string value)
{
    return {Cell::State::text, std::move(value)};
}

inline const Cell null{Cell::State::null, ""};
inline const Cell unchanged{Cell::State::unchanged, ""};

inline Begin begin(std::uint64_t lsn)
{
    return {.final_lsn = Lsn{lsn}, .commit_time = PgTime{1000}, .xid = Xid{5}};
}

inline Commit commit(std::uint64_t lsn)
{
    return {.commit_lsn = Lsn{lsn}, .end_lsn = Lsn{lsn + 8}, .commit_time = PgTime{1000}};
}

// Two columns, of which the first is the key.
inline Relation person_relation(std::string second_column = "name")
{
    return {
        .oid = person,
        .schema = "public",
        .table = "person",
        .replica_identity = ReplicaIdentity::by_default,
        .columns = {{"id", TypeOid{23}, -1, true}, {std::move(second_column), TypeOid{25}, -1, false}},
    };
}

inline Insert insert(std::string id)
{
    return {
        .relation = person, .new_row = {text(std::move(id)), null}
    };
}

inline EmittedMessage emitted(EmittedMessage::Kind kind)
{
    return {.kind = kind, .lsn = Lsn{77}, .prefix = "casebridge", .content = "token"};
}

class AssemblerConversation : public testing::Test {
protected:
    // Feeds messages that yield nothing.
    template <class... Messages>
    void given(Messages... messages)
    {
        (expect_nothing(assembler.feed(std::move(messages), 10)), ...);
    }

    template <class Kind>
    Kind yield(Message message)
    {
        auto fed = assembler.feed(std::move(message), 10);
        if (fed.has_error())
            throw std::runtime_error(fed.error().message);
        return std::get<Kind>(std::move(fed->value()));
    }

    Error refusal(Message message)
    {
        const auto fed = assembler.feed(std::move(message), 10);
        EXPECT_EQ(fed.error().kind, ErrorClass::permanent);
        EXPECT_NE(fed.error().remedy, "");
        return fed.error();
    }

    void expect_violation(Message message, const std::string& place, const std::string& sentence)
    {
        const auto error = refusal(std::move(message));
        EXPECT_EQ(error.code, "protocol_violation");
        EXPECT_EQ(error.place, "pgoutput " + place);
        EXPECT_EQ(error.message, sentence);
    }

    TransactionAssembler assembler{unlimited};

private:
    static void expect_nothing(const Result<std::optional<Assembled>>& fed)
    {
        ASSERT_TRUE(fed.has_value()) << fed.error().message;
        EXPECT_FALSE(fed->has_value());
    }
};

}  // namespace casebridge::pgoutput::test
