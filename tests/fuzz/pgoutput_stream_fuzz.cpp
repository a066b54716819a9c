#include "connectors/pgoutput/transaction_assembler.hpp"
#include "model/assert.hpp"
#include "tests/fuzz/entry.hpp"
#include "tests/fuzz/pgoutput_checks.hpp"

#include <algorithm>
#include <utility>

// A stream: a byte for its options, then messages, each behind its length in two bytes. Read to the first
// error, as the daemon does; what protocol 1 can carry goes on to the assembler.

namespace casebridge::fuzz {
namespace {

constexpr std::size_t transaction_max = 4096;

void check_row(const Tuple& row, const Relation& relation)
{
    CASEBRIDGE_ASSERT(row.size() == relation.columns.size());
}

void check_transaction(const SourceTransaction& transaction)
{
    std::uint32_t ordinals = 0;
    for (const auto& change : transaction.changes) {
        CASEBRIDGE_ASSERT(change.relation != nullptr && change.ordinal >= ordinals);
        ordinals = change.ordinal + 1;
        if (!change.new_row.empty())
            check_row(change.new_row, *change.relation);
        if (change.old_row) {
            check_row(*change.old_row, *change.relation);
            CASEBRIDGE_ASSERT(
                std::ranges::find(*change.old_row, Cell::State::unchanged, &Cell::state) ==
                change.old_row->end()
            );
        }
    }
}

void read_stream(pgoutput::Decoder decoder, std::span<const std::byte> bytes)
{
    pgoutput::TransactionAssembler assembler{{transaction_max}};
    while (bytes.size() >= 2) {
        const auto claimed =
            std::to_integer<std::size_t>(bytes[0]) << 8U | std::to_integer<std::size_t>(bytes[1]);
        bytes = bytes.subspan(2);
        const auto payload = bytes.first(std::min(claimed, bytes.size()));
        bytes = bytes.subspan(payload.size());
        auto message = check_any_message(decoder, payload);
        if (message.has_error())
            return;
        auto* const plain = std::get_if<pgoutput::Message>(&*message);
        if (plain == nullptr)
            continue;
        const auto fed = assembler.feed(std::move(*plain), payload.size());
        if (fed.has_error()) {
            CASEBRIDGE_ASSERT(fed.error().kind == ErrorClass::permanent);
            return;
        }
        if (fed->has_value())
            if (const auto* const transaction = std::get_if<SourceTransaction>(&**fed))
                check_transaction(*transaction);
    }
}

}  // namespace
}  // namespace casebridge::fuzz

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace casebridge;
    const auto bytes = fuzz::input(data, size);
    if (!bytes.empty())
        fuzz::read_stream(fuzz::decoder_of(fuzz::context_of(bytes.front())), bytes.subspan(1));
    return 0;
}
