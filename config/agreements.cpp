#include "config/rules.hpp"
#include "mapping/canonical_text.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::config {
namespace {

using pipeline::Agreement;
using pipeline::BridgeDefinition;

const std::vector<std::string> agreement_keys{"id", "from", "to", "purpose", "legal_basis", "valid", "share"};

std::optional<std::chrono::year_month_day> read_day(const Entry& entry)
{
    if (entry.is(JsonNode::Kind::null))
        return std::nullopt;
    const auto text = entry.any_text();
    const auto date = text ? mapping::parse_plain_date(*text) : std::nullopt;
    if (text && !date)
        entry.mistake("must be a day like 2026-01-31, or null");
    if (!date)
        return std::nullopt;
    return std::chrono::year{date->year} / date->month / date->day;
}

void read_valid(const Entry& entry, Agreement& agreement)
{
    const auto ends = entry.elements();
    if (!entry.is(JsonNode::Kind::array))
        return;
    if (ends.size() != 2) {
        entry.mistake("must be two days, the first and the last; either may be null");
        return;
    }
    agreement.valid_from = read_day(ends[0]);
    agreement.valid_to = read_day(ends[1]);
    if (agreement.valid_from && agreement.valid_to && *agreement.valid_to < *agreement.valid_from)
        entry.mistake("the last day is before the first");
}

void read_shared_units(const Entry& entry, const EntityDefinition& entity, std::vector<bool>& shared)
{
    if (entry.is(JsonNode::Kind::string)) {
        if (*entry.any_text() == "*")
            shared.assign(shared.size(), true);
        else
            entry.mistake(R"(must be "*" or a list of fields and groups)");
        return;
    }
    const auto elements = entry.elements();
    if (entry.is(JsonNode::Kind::array) && elements.empty())
        entry.mistake("nothing of this entity is shared; leave it out");
    for (const auto& element : elements) {
        const auto name = element.any_text();
        if (!name)
            continue;
        if (const auto unit = entity.find_unit(*name))
            shared[unit->value()] = true;
        else
            element.mistake(unknown_unit(entity, *name));
    }
}

void read_share(const Entry& entry, const CanonicalModel& model, Agreement& agreement)
{
    for (const auto& share : entry.members()) {
        const auto index = model.find_entity(share.key());
        if (index)
            read_shared_units(share, model.entity(*index), agreement.shared[index->value()]);
        else
            share.key_mistake(unknown_entity(model, share.key()));
    }
    if (entry.is(JsonNode::Kind::object) && entry.members().empty())
        entry.mistake("the agreement shares nothing");
}

void read_parties(const Entry& entry, const BridgeDefinition& definition, Agreement& agreement)
{
    const auto from = entry.required("from");
    const auto to = entry.required("to");
    const auto sender = from ? read_agency(*from, definition) : std::nullopt;
    const auto receiver = to ? read_agency(*to, definition) : std::nullopt;
    if (!sender || !receiver)
        return;
    agreement.from = *sender;
    agreement.to = *receiver;
    if (*sender == *receiver)
        to->mistake("\"from\" and \"to\" are the same agency");
}

void read_id(const Entry& entry, const BridgeDefinition& definition, Agreement& agreement)
{
    const auto id = entry.required("id");
    auto text = id ? id->text() : std::nullopt;
    if (!text)
        return;
    if (std::ranges::find(definition.agreements, *text, &Agreement::id) != definition.agreements.end())
        id->mistake("agreement \"" + *text + "\" exists already");
    agreement.id = std::move(*text);
}

Agreement read_agreement(const Entry& entry, const BridgeDefinition& definition)
{
    Agreement agreement;
    for (const auto& entity : definition.model.entities)
        agreement.shared.emplace_back(entity.units.size(), false);
    if (!entry.is_object_of(agreement_keys))
        return agreement;
    read_id(entry, definition, agreement);
    read_parties(entry, definition, agreement);
    if (const auto purpose = entry.required("purpose"))
        agreement.purpose = purpose->text().value_or("");
    if (const auto basis = entry.required("legal_basis"))
        agreement.legal_basis = basis->text().value_or("");
    if (const auto valid = entry.find("valid"))
        read_valid(*valid, agreement);
    if (const auto share = entry.required("share"))
        read_share(*share, definition.model, agreement);
    return agreement;
}

}  // namespace

void read_agreements(const Entry& entry, BridgeDefinition& definition)
{
    for (const auto& agreement : entry.elements())
        definition.agreements.push_back(read_agreement(agreement, definition));
}

}  // namespace casebridge::config
