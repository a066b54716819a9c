#include "config/field_rule.hpp"

#include "config/model_file.hpp"
#include "config/nearest_name.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace casebridge::config {
namespace {

using conflict::ChainedRule;
using conflict::FieldRule;

constexpr std::int64_t skew_ms_max = 86'400'000;  // A day.
constexpr const char* what_a_rule_is =
    R"(a rule is a word such as "latest", an object such as {"authority": "<agency>"}, or a list of rules)";

const std::vector<std::string>& chained_words()
{
    static const std::vector<std::string> words{"latest", "filled", "max", "min", "sum", "union"};
    return words;
}

const std::vector<std::string>& words()
{
    static const std::vector<std::string> words{"latest", "hold", "filled", "max", "min", "sum", "union"};
    return words;
}

// A word of chained_words().
ChainedRule rule_called(const std::string& word)
{
    if (word == "latest")
        return conflict::Latest{};
    if (word == "filled")
        return conflict::Filled{};
    if (word == "max")
        return conflict::Max{};
    if (word == "union")
        return conflict::Union{};
    return word == "min" ? ChainedRule{conflict::Min{}} : ChainedRule{conflict::Sum{}};
}

std::optional<ChainedRule> read_rank(const Entry& entry)
{
    const auto codes = entry.elements();
    if (codes.empty()) {
        if (entry.is(JsonNode::Kind::array))
            entry.mistake("the codes are missing, the one that outranks all others first");
        return std::nullopt;
    }
    conflict::Rank rank;
    bool good = true;
    for (const auto& code : codes) {
        const auto word = code.text();
        good = good && word.has_value();
        if (!word)
            continue;
        Value value{*word};
        if (std::ranges::find(rank.values, value) != rank.values.end()) {
            code.mistake("\"" + *word + "\" is in the list already");
            good = false;
        }
        rank.values.push_back(std::move(value));
    }
    return good ? std::optional<ChainedRule>{std::move(rank)} : std::nullopt;
}

std::optional<ChainedRule> read_latest(const Entry& entry)
{
    if (!entry.is_object_of({"skew_ms"}))
        return std::nullopt;
    const auto skew = entry.required("skew_ms");
    const auto bound = skew ? skew->number(0, skew_ms_max) : std::nullopt;
    return bound ? std::optional<ChainedRule>{conflict::Latest{std::chrono::milliseconds{*bound}}}
                 : std::nullopt;
}

// Reads an object with one of the keys; nothing with a mistake for any other.
std::optional<Entry> only_member(const Entry& entry, const std::vector<std::string>& keys)
{
    if (!entry.is_object_of(keys))
        return std::nullopt;
    std::optional<Entry> only;
    for (const auto& key : keys)
        if (auto member = entry.find(key)) {
            if (only) {
                member->key_mistake("one object is one rule: make a list of them");
                return std::nullopt;
            }
            only = std::move(member);
        }
    if (!only && entry.members().empty()) {
        std::string list;
        for (const auto& key : keys)
            list.append(list.empty() ? "" : ", ").append(key);
        entry.mistake("the rule is missing: one of " + list);
    }
    return only;
}

std::optional<ChainedRule> read_chained_object(const Entry& member)
{
    return member.key() == "rank" ? read_rank(member) : read_latest(member);
}

std::optional<ChainedRule> read_chained(const Entry& entry)
{
    if (entry.is(JsonNode::Kind::string)) {
        const auto word = entry.any_text();
        if (word == "hold") {
            entry.mistake("a list needs no \"hold\": a person decides when its last rule abstains");
            return std::nullopt;
        }
        const auto known = entry.one_of(chained_words());
        return known ? std::optional{rule_called(*known)} : std::nullopt;
    }
    if (!entry.is(JsonNode::Kind::object)) {
        entry.mistake(
            "a rule of a list is a word such as \"latest\", or an object such as {\"rank\": [\"<code>\"]}"
        );
        return std::nullopt;
    }
    if (const auto authority = entry.find("authority")) {
        authority->key_mistake("an authority stands alone: it judges every edit and never abstains");
        return std::nullopt;
    }
    const auto member = only_member(entry, {"rank", "latest"});
    return member ? read_chained_object(*member) : std::nullopt;
}

bool always_decides(const ChainedRule& rule)
{
    return std::holds_alternative<conflict::Max>(rule) || std::holds_alternative<conflict::Min>(rule);
}

std::optional<FieldRule> read_chain(const Entry& entry)
{
    const auto elements = entry.elements();
    if (elements.empty())
        entry.mistake("an empty list decides nothing: name the rules, or write \"hold\"");
    conflict::Chain chain;
    bool good = !elements.empty();
    const auto wrong = [&](const Entry& element, std::string message) {
        element.mistake(std::move(message));
        good = false;
    };
    for (std::size_t i = 0; i < elements.size(); ++i) {
        auto rule = read_chained(elements[i]);
        good = good && rule.has_value();
        if (!rule)
            continue;
        const auto name = std::string{to_string(*rule)};
        if (std::ranges::count(chain.rules, rule->index(), &ChainedRule::index) > 0)
            wrong(elements[i], "\"" + name + "\" is in the list already");
        else if (elements.size() > 1 && std::holds_alternative<conflict::Union>(*rule))
            wrong(elements[i], "\"union\" stands alone: it joins what all have written, and never abstains");
        else if (i > 0 && std::holds_alternative<conflict::Sum>(*rule))
            wrong(elements[i], "\"sum\" stands first in a list: it adds up what all have written");
        else if (always_decides(*rule) && i + 1 < elements.size())
            wrong(elements[i + 1], "is never asked: \"" + name + "\" before it always decides");
        chain.rules.push_back(std::move(*rule));
    }
    return good ? std::optional<FieldRule>{std::move(chain)} : std::nullopt;
}

std::optional<FieldRule> read_authority(const Entry& entry, const pipeline::BridgeDefinition& definition)
{
    if (!entry.is_object_of({"authority", "propose"}))
        return std::nullopt;
    const auto agency = read_agency(*entry.find("authority"), definition);
    std::optional<bool> proposes = false;
    if (const auto propose = entry.find("propose"))
        proposes = propose->boolean();
    if (!agency || !proposes)
        return std::nullopt;
    using Others = conflict::Authority::Others;
    return conflict::Authority{*agency, *proposes ? Others::proposed : Others::reverted};
}

std::optional<FieldRule> read_object(const Entry& entry, const pipeline::BridgeDefinition& definition)
{
    if (entry.find("authority") && !entry.find("rank") && !entry.find("latest"))
        return read_authority(entry, definition);
    const auto member = only_member(entry, {"authority", "rank", "latest"});
    if (!member)
        return std::nullopt;
    auto rule = read_chained_object(*member);
    return rule ? std::optional<FieldRule>{conflict::Chain{{std::move(*rule)}}} : std::nullopt;
}

// Makes a rule one for a unit of a single field.
class Fitting {
public:
    Fitting(
        const Entry& entry,
        const CanonicalModel& model,
        const UnitDefinition& unit,
        const FieldDefinition& field
    )
        : entry_(entry), model_(model), unit_(unit), field_(field)
    {
    }

    [[nodiscard]] bool good() const { return good_; }

    void operator()(conflict::Latest&) const {}
    void operator()(conflict::Filled&) const {}
    void operator()(conflict::Max& rule) { order(rule.order, "max"); }
    void operator()(conflict::Min& rule) { order(rule.order, "min"); }

    void operator()(conflict::Sum& rule)
    {
        if (field_.type == FieldType::integer)
            rule.range = conflict::Sum::Range::bigint;
        else if (field_.type == FieldType::decimal)
            rule.range = conflict::Sum::Range::numeric;
        else
            refuse("sum", "integer or decimal");
    }

    void operator()(conflict::Union&)
    {
        if (field_.type != FieldType::set)
            refuse("union", "set");
    }

    void operator()(conflict::Rank& rule)
    {
        if (field_.type != FieldType::code) {
            refuse("rank", "code");
            return;
        }
        const auto& list = model_.code_lists[field_.code_list];
        for (const auto& value : rule.values)
            if (std::ranges::find(list.codes, value.expose()) == list.codes.end()) {
                entry_.mistake(
                    "code list " + list.name + " has no \"" + value.expose() + "\"" +
                    did_you_mean(value.expose(), list.codes)
                );
                good_ = false;
            }
    }

private:
    void order(conflict::ValueOrder& order, const std::string& rule)
    {
        if (field_.type == FieldType::integer || field_.type == FieldType::decimal)
            order = conflict::ValueOrder::number;
        else if (field_.type == FieldType::date)
            order = conflict::ValueOrder::date;
        else if (field_.type == FieldType::timestamp)
            order = conflict::ValueOrder::timestamp;
        else
            refuse(rule, "integer, decimal, date or timestamp");
    }

    void refuse(const std::string& rule, const std::string& types)
    {
        entry_.mistake(
            "\"" + rule + "\" is for one field of type " + types + ", which " + unit_.name +
            " is not; \"latest\", \"filled\" and \"hold\" judge anything"
        );
        good_ = false;
    }

    const Entry& entry_;
    const CanonicalModel& model_;
    const UnitDefinition& unit_;
    const FieldDefinition& field_;
    bool good_ = true;
};

bool judges_anything(const ChainedRule& rule)
{
    return std::holds_alternative<conflict::Latest>(rule) || std::holds_alternative<conflict::Filled>(rule);
}

}  // namespace

std::optional<FieldRule> read_field_rule(const Entry& entry, const pipeline::BridgeDefinition& definition)
{
    if (entry.is(JsonNode::Kind::string)) {
        const auto word = entry.one_of(words());
        if (!word)
            return std::nullopt;
        return *word == "hold" ? FieldRule{conflict::Hold{}}
                               : FieldRule{conflict::Chain{{rule_called(*word)}}};
    }
    if (entry.is(JsonNode::Kind::array))
        return read_chain(entry);
    if (entry.is(JsonNode::Kind::object))
        return read_object(entry, definition);
    entry.mistake(what_a_rule_is);
    return std::nullopt;
}

std::optional<FieldRule> fit_to_unit(
    const Entry& entry, FieldRule rule, const CanonicalModel& model, EntityIndex entity, UnitIndex unit
)
{
    const auto& described = model.entity(entity);
    const auto& definition = described.unit(unit);
    const auto& field = described.field(definition.fields.front());
    if (rule.authority() != nullptr)
        return rule;
    conflict::Chain chain{
        {rule.chain().begin(), rule.chain().end()}
    };
    if (definition.fields.size() > 1) {
        const auto narrow = std::ranges::find_if_not(chain.rules, judges_anything);
        if (narrow == chain.rules.end())
            return rule;
        entry.mistake(
            "\"" + std::string{to_string(*narrow)} + "\" judges one field, and " + definition.name +
            " is a group; \"latest\", \"filled\" and \"hold\" judge anything"
        );
        return std::nullopt;
    }
    if (is_doubtful(field))
        return rule;
    Fitting fitting{entry, model, definition, field};
    for (auto& chained : chain.rules)
        std::visit(fitting, chained);
    return fitting.good() ? std::optional<FieldRule>{std::move(chain)} : std::nullopt;
}

bool fits_as_default(const Entry& entry, const FieldRule& rule)
{
    const auto narrow = std::ranges::find_if_not(rule.chain(), judges_anything);
    if (narrow == rule.chain().end())
        return true;
    entry.mistake(
        "\"" + std::string{to_string(*narrow)} + "\" fits only some types: name the fields that it judges"
    );
    return false;
}

}  // namespace casebridge::config
