#include "tests/simulation/wal_sender.hpp"

#include "connectors/pgoutput/encode.hpp"
#include "connectors/pgoutput/frame.hpp"
#include "tests/simulation/sim_bridge.hpp"

#include <utility>

namespace casebridge::simulation {

struct Payload {
    Lsn lsn;
    pgoutput::Message message;
};

namespace {

// With all tables there are: they stand in the same places whoever takes part.
const pipeline::BridgeDefinition& bridge()
{
    static Dice dice{1};
    static const auto definition = simulated_bridge(agencies_max, Sharing::as_agreed, Rules{dice});
    return definition;
}

RelationOid oid_of(MappingIndex table)
{
    return RelationOid{16'000U + table.value()};
}

Relation relation_of(MappingIndex table)
{
    const auto& mapping = bridge().table(table);
    Relation relation;
    relation.oid = oid_of(table);
    relation.schema = mapping.schema;
    relation.table = mapping.table;
    // The key is not first, and a column that nobody maps stands between: positions must come from names.
    relation.columns.push_back({unmapped_column, TypeOid{25}, -1, false});
    relation.columns.push_back({mapping.key_column, TypeOid{20}, -1, true});
    for (const auto& slot : mapping.slots)
        relation.columns.push_back({slot.column, TypeOid{25}, -1, false});
    return relation;
}

Cell cell_of(const Text& text)
{
    if (!text)
        return {Cell::State::null, {}};
    return {Cell::State::text, *text};
}

Tuple tuple_of(const LocalKey& key, const WalChange& change)
{
    Tuple tuple;
    tuple.push_back(cell_of(change.after.back()));
    tuple.push_back({Cell::State::text, key.value()});
    for (std::size_t slot = 0; slot + 1 < change.after.size(); ++slot)
        tuple.push_back(
            change.unsent.contains(slot) ? Cell{Cell::State::unchanged, {}} : cell_of(change.after[slot])
        );
    return tuple;
}

pgoutput::OldRow key_row(MappingIndex table, const LocalKey& key)
{
    pgoutput::OldRow old;
    old.cells.resize(slot_count(table) + 2);
    for (auto& cell : old.cells)
        cell.state = Cell::State::null;
    old.cells[1] = {Cell::State::text, key.value()};
    return old;
}

}  // namespace

WalSender::WalSender(
    const SimAgency& agency, std::string origin, Lsn from, Dice& dice, Occurrences& occurrences
)
    : agency_(&agency), origin_(std::move(origin)), from_(from), dice_(&dice), occurrences_(&occurrences)
{
}

bool WalSender::has_more() const
{
    return !frames_.empty() || next_ < agency_->wal().size() || told_ < agency_->wal_end();
}

std::optional<std::vector<std::byte>> WalSender::next_frame()
{
    while (frames_.empty() && next_ < agency_->wal().size())
        encode_next();
    if (frames_.empty()) {
        if (told_ >= agency_->wal_end())
            return std::nullopt;
        told_ = agency_->wal_end();
        const auto reply = dice_->one_in(2) ? pgoutput::Reply::requested : pgoutput::Reply::not_requested;
        return pgoutput::encode_frame(pgoutput::Keepalive{told_, PgTime{0}, reply});
    }
    auto frame = std::move(frames_.front());
    frames_.pop_front();
    return frame;
}

void WalSender::message(const Payload& payload)
{
    const auto bytes = pgoutput::encode_message(payload.message);
    frames_.push_back(pgoutput::encode_frame(pgoutput::XLogData{payload.lsn, payload.lsn, PgTime{0}, bytes}));
}

void WalSender::describe(MappingIndex table)
{
    const bool again = described_.contains(table);
    if (again && !dice_->one_in(12))
        return;
    if (again)
        occurrences_->count("stream relation_described_again");
    described_.insert(table);
    message({Lsn{0}, relation_of(table)});
}

void WalSender::encode(const WalChange& change)
{
    const auto table = change.row.table;
    describe(table);
    const auto oid = oid_of(table);
    switch (change.operation) {
        case RowOperation::insert:
            message({
                Lsn{1       },
                pgoutput::Insert{ oid, tuple_of(change.row.key, change)}
            });
            return;
        case RowOperation::update: {
            pgoutput::Update update{oid, std::nullopt, tuple_of(change.row.key, change)};
            if (change.old_key)
                update.old_row = key_row(table, *change.old_key);
            message({Lsn{1}, std::move(update)});
            return;
        }
        case RowOperation::erase:
            message({
                Lsn{1               },
                pgoutput::Delete{ oid, key_row(table, change.row.key)}
            });
            return;
        case RowOperation::truncate:
            message({
                Lsn{1     },
                pgoutput::Truncate{ false, false, {oid}}
            });
            return;
    }
}

void WalSender::encode_next()
{
    const auto& transaction = agency_->wal()[next_++];
    if (transaction.commit_lsn < from_)
        return;
    if (dice_->one_in(40))
        message({
            Lsn{1   },
            pgoutput::EmittedMessage{ pgoutput::EmittedMessage::Kind::immediate, Lsn{1}, "else", "x"}
        }
        );
    message({
        transaction.commit_lsn,
        pgoutput::Begin{transaction.commit_lsn, transaction.commit_time, transaction.xid}
    });
    if (transaction.ours)
        message({
            Lsn{0                                                          },
            Origin{ origin_, Lsn{static_cast<std::uint64_t>(transaction.ours->value())}}
        });
    for (const auto& change : transaction.changes)
        encode(change);
    for (const auto& emitted : transaction.messages)
        message({
            transaction.commit_lsn,
            pgoutput::EmittedMessage{
                                     pgoutput::EmittedMessage::Kind::transactional, Lsn{1}, emitted.prefix, emitted.content}
        });
    message({
        transaction.end_lsn,
        pgoutput::Commit{transaction.commit_lsn, transaction.end_lsn, transaction.commit_time}
    });
}

}  // namespace casebridge::simulation
