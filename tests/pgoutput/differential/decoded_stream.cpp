#include "tests/pgoutput/differential/decoded_stream.hpp"

#include "connectors/pgoutput/decode.hpp"
#include "connectors/pgoutput/decoder.hpp"
#include "connectors/pgoutput/transaction_assembler.hpp"

#include <limits>
#include <stdexcept>
#include <utility>

namespace casebridge::pgoutput::test {
namespace {

enum class Row { fresh, old };

Fields fields_of(const Tuple& row, const Relation& relation, const TypeNames& types, Row kind)
{
    Fields fields;
    for (std::size_t index = 0; index < row.size(); ++index) {
        const auto& column = relation.columns.at(index);
        Field field{.column = column.name, .type = types.at(column.type), .text = {}};
        switch (row[index].state) {
            case Cell::State::null:
            case Cell::State::absent:
                if (kind == Row::old)
                    continue;
                break;
            case Cell::State::unchanged:
                field.state = Field::State::unchanged;
                break;
            case Cell::State::text:
                field.state = Field::State::text;
                field.text = row[index].text;
                break;
        }
        fields.push_back(std::move(field));
    }
    return fields;
}

Change change_of(const Relation& relation, std::string kind)
{
    return {
        .schema = relation.schema,
        .table = relation.table,
        .kind = std::move(kind),
        .old_row = {},
        .new_row = {},
        .options = {}};
}

std::string options_of(const Truncate& truncate)
{
    return std::string{truncate.restart_identity ? " restart_seqs" : ""} +
           (truncate.cascade ? " cascade" : "");
}

const char* word_for(RowOperation operation)
{
    switch (operation) {
        case RowOperation::insert:
            return "INSERT";
        case RowOperation::update:
            return "UPDATE";
        case RowOperation::erase:
            return "DELETE";
        case RowOperation::truncate:
            break;
    }
    return "TRUNCATE";
}

// The assembler does not keep the options of a TRUNCATE: `truncate_options` has them, one for each relation.
Transaction transaction_of(
    const SourceTransaction& from, const TypeNames& types, const std::vector<std::string>& truncate_options
)
{
    Transaction transaction{.xid = from.xid.value(), .changes = {}, .messages = {}};
    std::size_t truncated = 0;
    for (const auto& row : from.changes) {
        auto& change = transaction.changes.emplace_back(change_of(*row.relation, word_for(row.operation)));
        if (row.old_row)
            change.old_row = fields_of(*row.old_row, *row.relation, types, Row::old);
        change.new_row = fields_of(row.new_row, *row.relation, types, Row::fresh);
        if (row.operation == RowOperation::truncate)
            change.options = truncate_options.at(truncated++);
    }
    for (const auto& message : from.messages)
        transaction.messages.push_back(message.prefix + ": " + message.content);
    return transaction;
}

// Joins the blocks of streamed transactions.
class StreamJoiner {
public:
    explicit StreamJoiner(const TypeNames& types) : types_(types) {}

    void take(const AnyMessage& message)
    {
        std::visit([this](const auto& one) { take(one); }, message);
    }

    StreamedReading done() { return std::move(reading_); }

private:
    using Relations = std::map<RelationOid, Relation>;

    struct Part {
        Xid xid;
        std::vector<Change> changes;
        std::vector<std::string> messages;
    };

    struct Open {
        std::vector<Part> parts;
        Relations relations;
    };

    void take(const Message& message)
    {
        if (const auto* const begin = std::get_if<Begin>(&message))
            whole_xid_ = begin->xid;
        else if (std::holds_alternative<Commit>(message))
            finish(std::exchange(whole_, {}), whole_xid_);
        else if (std::holds_alternative<Relation>(message))
            relations_[std::get<Relation>(message).oid] = std::get<Relation>(message);
        else if (!std::holds_alternative<Origin>(message))
            whole_.push_back(part_of(message, whole_xid_, relations_));
    }

    void take(const StreamStart& start) { block_ = start.xid; }
    void take(const StreamStop&) {}

    void take(const StreamedMessage& streamed)
    {
        auto& open = open_[block_];
        if (const auto* const relation = std::get_if<Relation>(&streamed.message)) {
            open.relations[relation->oid] = *relation;
            return;
        }
        auto known = open.relations;
        known.insert(relations_.begin(), relations_.end());
        open.parts.push_back(part_of(streamed.message, streamed.xid, known));
    }

    void take(const StreamCommit& commit)
    {
        auto node = open_.extract(commit.xid);
        if (node.empty())
            return;
        for (auto& [oid, relation] : node.mapped().relations)
            relations_[oid] = std::move(relation);
        ++reading_.streamed;
        finish(std::move(node.mapped().parts), commit.xid);
    }

    void take(const StreamAbort& abort)
    {
        if (abort.subxid == abort.xid)
            open_.erase(abort.xid);
        else
            std::erase_if(open_[abort.xid].parts, [&](const Part& part) { return part.xid == abort.subxid; });
        ++reading_.aborted_parts;
    }

    template <class Prepared>
    void take(const Prepared&)
    {
        throw std::runtime_error("a prepared transaction in a stream without two_phase");
    }

    Part part_of(const Message& message, Xid xid, const Relations& relations) const
    {
        Part part{.xid = xid, .changes = {}, .messages = {}};
        if (const auto* const insert = std::get_if<Insert>(&message)) {
            const auto& relation = relations.at(insert->relation);
            part.changes.push_back(change_of(relation, "INSERT"));
            part.changes[0].new_row = fields_of(insert->new_row, relation, types_, Row::fresh);
        } else if (const auto* const update = std::get_if<Update>(&message)) {
            const auto& relation = relations.at(update->relation);
            part.changes.push_back(change_of(relation, "UPDATE"));
            if (update->old_row)
                part.changes[0].old_row = fields_of(update->old_row->cells, relation, types_, Row::old);
            part.changes[0].new_row = fields_of(update->new_row, relation, types_, Row::fresh);
        } else if (const auto* const erase = std::get_if<Delete>(&message)) {
            const auto& relation = relations.at(erase->relation);
            part.changes.push_back(change_of(relation, "DELETE"));
            part.changes[0].old_row = fields_of(erase->old_row.cells, relation, types_, Row::old);
        } else if (const auto* const truncate = std::get_if<Truncate>(&message)) {
            for (const auto oid : truncate->relations) {
                part.changes.push_back(change_of(relations.at(oid), "TRUNCATE"));
                part.changes.back().options = options_of(*truncate);
            }
        } else if (const auto* const emitted = std::get_if<EmittedMessage>(&message)) {
            part.messages.push_back(emitted->prefix + ": " + emitted->content);
        }
        return part;
    }

    void finish(std::vector<Part> parts, Xid xid)
    {
        Transaction transaction{.xid = xid.value(), .changes = {}, .messages = {}};
        for (auto& part : parts) {
            std::ranges::move(part.changes, std::back_inserter(transaction.changes));
            std::ranges::move(part.messages, std::back_inserter(transaction.messages));
        }
        if (!transaction.empty())
            reading_.transactions.push_back(std::move(transaction));
    }

    const TypeNames& types_;
    Relations relations_;
    std::vector<Part> whole_;  // Of the transaction that is sent in one piece.
    Xid whole_xid_;
    Xid block_;
    std::map<Xid, Open> open_;
    StreamedReading reading_;
};

}  // namespace

std::vector<Transaction> read_protocol_1(const std::vector<Bytes>& payloads, const TypeNames& types)
{
    TransactionAssembler assembler{{std::numeric_limits<std::size_t>::max()}};
    std::vector<Transaction> transactions;
    std::vector<std::string> truncate_options;
    for (const auto& payload : payloads) {
        auto message = decode_message(payload).value();
        if (const auto* const truncate = std::get_if<Truncate>(&message))
            truncate_options.insert(
                truncate_options.end(), truncate->relations.size(), options_of(*truncate)
            );
        const auto assembled = assembler.feed(std::move(message), payload.size()).value();
        if (!assembled)
            continue;
        if (const auto* const transaction = std::get_if<SourceTransaction>(&*assembled))
            transactions.push_back(transaction_of(*transaction, types, std::exchange(truncate_options, {})));
    }
    return transactions;
}

StreamedReading read_protocol_2(const std::vector<Bytes>& payloads, const TypeNames& types)
{
    Decoder decoder{StreamOptions{.streaming = StreamOptions::Streaming::on}};
    StreamJoiner joiner{types};
    for (const auto& payload : payloads)
        joiner.take(decoder.decode(payload).value());
    return joiner.done();
}

}  // namespace casebridge::pgoutput::test
