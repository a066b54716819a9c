#include "hub/decision_payload.hpp"

#include "hub/enum_texts.hpp"
#include "hub/json_text.hpp"
#include "hub/stored_json.hpp"

#include <utility>

namespace casebridge::hub {

namespace {

UnitValue read_value(const Json& list)
{
    UnitValue value;
    if (!list.is_array())
        throw Unreadable{"malformed", "value"};
    for (const auto& text : list)
        value.push_back(text.is_null() ? FieldValue{} : Value{text.get_ref<const std::string&>()});
    return value;
}

pipeline::DecideValue read(const Json& json)
{
    const bool takes = json.contains("take");
    if (takes == json.contains("value") || json.size() != (json.contains("conflict") ? 6U : 5U))
        throw Unreadable{"malformed", "members"};
    pipeline::DecideValue wanted{
        .entity = read_text(json, "entity"),
        .record = RecordId{read_seq(json, "record").value()},
        .unit = read_text(json, "unit"),
        .seen = read_seqs(json.at("seen")),
        .value = {},
    };
    if (takes)
        wanted.value = read_seq(json, "take");
    else
        wanted.value = read_value(json.at("value"));
    if (json.contains("conflict")) {
        const auto& place = json.at("conflict");
        const auto position = read_seq(place, "position").value();
        if (position < 0 || position > 1'000'000)
            throw Unreadable{"malformed", "position"};
        wanted.conflict = {read_seq(place, "seq"), static_cast<std::uint32_t>(position)};
    }
    return wanted;
}

}  // namespace

std::string decision_payload(const pipeline::DecideValue& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("entity").text(wanted.entity).key("record").number(wanted.record.value());
    json.key("unit").text(wanted.unit);
    write_seqs(json.key("seen"), wanted.seen);
    if (const auto* taken = std::get_if<JournalSeq>(&wanted.value)) {
        json.key("take").number(taken->value());
    } else {
        json.key("value").open('[');
        for (const auto& field : std::get<UnitValue>(wanted.value))
            if (field)
                json.text(field->expose());
            else
                json.word("null");
        json.close(']');
    }
    if (wanted.conflict) {
        json.key("conflict").open('{').key("seq").number(wanted.conflict->seq.value());
        json.key("position").number(wanted.conflict->position).close('}');
    }
    json.close('}');
    return text;
}

std::optional<pipeline::DecideValue> read_decision(std::string_view payload)
{
    auto wanted = reading_stored("decision", [&] { return read(parse_stored(payload)); });
    if (!wanted)
        return std::nullopt;
    return std::move(*wanted);
}

std::string match_payload(const pipeline::DecideMatch& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("entity").text(wanted.entity).key("key").text(wanted.key.value());
    json.key("record").number(wanted.record.value());
    json.key("verdict").text(to_text(wanted.verdict)).close('}');
    return text;
}

std::optional<pipeline::DecideMatch> read_match(const AgencyId& agency, std::string_view payload)
{
    const auto read = [&]() -> pipeline::DecideMatch {
        const auto json = parse_stored(payload);
        if (json.size() != 4)
            throw Unreadable{"malformed", "members"};
        return {
            .agency = agency,
            .entity = read_text(json, "entity"),
            .key = LocalKey{read_text(json, "key")},
            .record = RecordId{read_seq(json, "record").value()},
            .verdict = read_enum<MatchVerdict>(json.at("verdict")),
        };
    };
    auto wanted = reading_stored("match", read);
    if (!wanted)
        return std::nullopt;
    return std::move(*wanted);
}

std::string deletion_payload(const pipeline::DecideDeletion& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("record").number(wanted.record.value());
    json.key("deletion").number(wanted.deletion.value());
    json.key("choice").text(to_text(wanted.choice));
    if (wanted.seen)
        json.key("seen").number(wanted.seen->value());
    json.close('}');
    return text;
}

std::optional<pipeline::DecideDeletion> read_deletion(std::string_view payload)
{
    const auto wanted = reading_stored("decision", [&] {
        const auto json = parse_stored(payload);
        const auto seen = read_optional_seq(json, "seen");
        if (json.size() != (seen ? 4U : 3U))
            throw Unreadable{"malformed", "members"};
        return pipeline::DecideDeletion{
            RecordId{read_seq(json, "record").value()},
            read_seq(json, "deletion"),
            read_enum<DeletionChoice>(json.at("choice")),
            seen};
    });
    return wanted ? std::optional{*wanted} : std::nullopt;
}

std::string rejection_payload(const pipeline::RejectProposal& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("record").number(wanted.record.value()).key("unit").text(wanted.unit);
    json.key("proposal").number(wanted.proposal.value()).close('}');
    return text;
}

std::optional<pipeline::RejectProposal> read_rejection(std::string_view payload)
{
    auto wanted = reading_stored("rejection", [&] {
        const auto json = parse_stored(payload);
        if (json.size() != 3)
            throw Unreadable{"malformed", "members"};
        return pipeline::RejectProposal{
            RecordId{read_seq(json, "record").value()}, read_text(json, "unit"), read_seq(json, "proposal")};
    });
    if (!wanted)
        return std::nullopt;
    return std::move(*wanted);
}

std::string approval_payload(const pipeline::ApproveBreaker& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("breaker").number(wanted.breaker.value());
    json.key("deletions").text(to_text(wanted.deletions)).close('}');
    return text;
}

std::optional<pipeline::ApproveBreaker> read_approval(const AgencyId& agency, std::string_view payload)
{
    const auto wanted = reading_stored("approval", [&] {
        const auto json = parse_stored(payload);
        if (json.size() != 2)
            throw Unreadable{"malformed", "members"};
        return pipeline::ApproveBreaker{
            agency, read_seq(json, "breaker"), read_enum<ApprovedDeletions>(json.at("deletions"))};
    });
    return wanted ? std::optional{*wanted} : std::nullopt;
}

std::string split_payload(const pipeline::SplitLink& wanted)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("entity").text(wanted.entity).key("key").text(wanted.key.value());
    json.key("record").number(wanted.record.value()).key("seen").number(wanted.seen.value());
    if (const auto* into = std::get_if<RecordId>(&wanted.into))
        json.key("into").number(into->value());
    else if (std::holds_alternative<pipeline::NewRecord>(wanted.into))
        json.key("into").text("new");
    json.close('}');
    return text;
}

std::optional<pipeline::SplitLink> read_split(const AgencyId& agency, std::string_view payload)
{
    const auto read = [&]() -> pipeline::SplitLink {
        const auto json = parse_stored(payload);
        const bool named = json.contains("into");
        if (json.size() != (named ? 5U : 4U))
            throw Unreadable{"malformed", "members"};
        pipeline::SplitLink wanted{
            .agency = agency,
            .entity = read_text(json, "entity"),
            .key = LocalKey{read_text(json, "key")},
            .record = RecordId{read_seq(json, "record").value()},
            .seen = read_seq(json, "seen"),
            .into = pipeline::ByRules{},
        };
        if (named && json.at("into").is_number())
            wanted.into = RecordId{read_seq(json, "into").value()};
        else if (named && read_text(json, "into") == "new")
            wanted.into = pipeline::NewRecord{};
        else if (named)
            throw Unreadable{"malformed", "into"};
        return wanted;
    };
    auto wanted = reading_stored("split", read);
    if (!wanted)
        return std::nullopt;
    return std::move(*wanted);
}

}  // namespace casebridge::hub
