#include "tests/config/files.hpp"

#include <gtest/gtest.h>

namespace casebridge::config {
namespace {

using namespace std::chrono_literals;

class GoodConfiguration : public testing::Test {
protected:
    void SetUp() override
    {
        auto result = load_bridge(std::filesystem::path{good_directory} / "bridge.jsonc");
        if (const auto* mistakes = std::get_if<std::vector<Mistake>>(&result))
            for (const auto& mistake : *mistakes)
                ADD_FAILURE() << to_string(mistake);
        ASSERT_TRUE(std::holds_alternative<Settings>(result));
        settings_ = std::get<Settings>(std::move(result));
    }

    [[nodiscard]] const pipeline::BridgeDefinition& definition() const { return settings_.definition; }
    [[nodiscard]] EntityIndex entity(const std::string& name) const
    {
        return definition().model.find_entity(name).value();
    }
    [[nodiscard]] UnitIndex unit(const std::string& of, const std::string& name) const
    {
        return definition().model.entity(entity(of)).find_unit(name).value();
    }
    [[nodiscard]] const mapping::TableMapping& table(const std::string& agency, const std::string& of) const
    {
        return *definition().table_of(AgencyId{agency}, entity(of));
    }
    // The only binding of a unit.
    [[nodiscard]] const mapping::Binding& binding(const std::string& agency, const std::string& name) const
    {
        return table(agency, "person").find_unit(unit("person", name))->bindings.at(0);
    }
    [[nodiscard]] const conflict::FieldRule& rule(const std::string& of, const std::string& name) const
    {
        return definition().rules[entity(of).value()][unit(of, name).value()];
    }

    Settings settings_;
};

TEST_F(GoodConfiguration, NamesTheServiceAndItsConnections)
{
    EXPECT_EQ(definition().name, "city");
    EXPECT_EQ(settings_.hub_connection, "service=casebridge_hub");
    ASSERT_EQ(settings_.agencies.size(), 2U);
    EXPECT_EQ(settings_.agencies[0].agency, AgencyId{"es"});
    EXPECT_EQ(settings_.agencies[0].setup, std::nullopt);
    EXPECT_EQ(settings_.agencies[1].capture, "service=sp_capture");
    EXPECT_EQ(settings_.agencies[1].deliver, "service=sp_deliver");
    EXPECT_EQ(settings_.agencies[1].setup, "service=sp_setup");
    EXPECT_EQ(settings_.web, (ListenAddress{.host = "::1", .port = 9500}));
    EXPECT_EQ(settings_.log.format, LogFormat::json);
    EXPECT_EQ(settings_.log.level, LogLevel::warning);
    EXPECT_EQ(settings_.limits.survey_chunk_rows, 250);
    EXPECT_EQ(settings_.limits.heartbeat, 30s);
    EXPECT_EQ(settings_.limits.delivery_rows_max, 500);
}

TEST_F(GoodConfiguration, AgenciesAreAscendingAndTablesKnowTheirPlace)
{
    EXPECT_EQ(definition().agencies, (std::vector{AgencyId{"es"}, AgencyId{"sp"}}));
    ASSERT_EQ(definition().tables.size(), 4U);
    for (std::size_t i = 0; i < definition().tables.size(); ++i)
        EXPECT_EQ(definition().tables[i].index.value(), i);
    EXPECT_EQ(table("es", "person").name(), "jobs.JobSeeker");
    EXPECT_EQ(table("sp", "person").name(), "sp.person");
    EXPECT_EQ(definition().table_of(AgencyId{"es"}, entity("plan")), nullptr);
    EXPECT_EQ(definition().find_table(AgencyId{"sp"}, "sp", "plan"), &table("sp", "plan"));
    EXPECT_EQ(definition().find_table(AgencyId{"es"}, "sp", "plan"), nullptr);
}

TEST_F(GoodConfiguration, UnitsFollowTheModelAndGroupsTheirOwnOrder)
{
    const auto& person = definition().model.entity(entity("person"));
    std::string units;
    for (const auto& each : person.units)
        units += each.name + " ";
    EXPECT_EQ(
        units,
        "national_id name birth_date death_date sex employment_status able_bodied phone household skills "
    );
    const auto& name = person.unit(unit("person", "name"));
    EXPECT_EQ(person.field(name.fields[0]).name, "name.family");
    EXPECT_EQ(person.field(name.fields[1]).name, "name.given");
    EXPECT_EQ(person.find_field("name.given")->position_in_unit, 1U);
    EXPECT_EQ(person.find_field("name.given")->unit, unit("person", "name"));
    ASSERT_EQ(person.identity.size(), 2U);
    EXPECT_EQ(person.identity[1].fields.size(), 3U);
    EXPECT_EQ(person.find_field("household")->target, entity("household"));
    EXPECT_EQ(definition().model.code_lists[person.find_field("sex")->code_list].name, "sex");
}

TEST(IdentityRules, SayHowEachFieldIsCompared)
{
    Files files;
    files.replace(
        "model.jsonc",
        R"(["name", "birth_date"])",
        R"([{ "field": "name", "normalise": "name" }, { "field": "birth_date", "normalise": "exact" }, "phone"])"
    );
    ASSERT_EQ(files.mistakes(), "");
    const auto result = files.load();
    const auto& model = std::get<Settings>(result).definition.model;
    const auto& person = model.entity(*model.find_entity("person"));
    ASSERT_EQ(person.identity.size(), 2U);
    EXPECT_EQ(person.rule_name(person.identity[0]), "national_id");
    EXPECT_EQ(person.rule_name(person.identity[1]), "name.family~name+name.given~name+birth_date+phone");
}

TEST_F(GoodConfiguration, CodecsSayWhatTheFileSays)
{
    EXPECT_TRUE(std::holds_alternative<mapping::PlainCodec>(binding("sp", "birth_date").codec));
    EXPECT_EQ(std::get<mapping::DateCodec>(binding("es", "birth_date").codec).format, "DD.MM.YYYY");
    const auto& codes = std::get<mapping::CodeCodec>(binding("es", "employment_status").codec).codes;
    ASSERT_EQ(codes.size(), 4U);
    EXPECT_EQ(codes[0], (std::pair<std::string, std::string>{"S", "seeking"}));
    EXPECT_EQ(codes[1], (std::pair<std::string, std::string>{"S2", "seeking"}));
    const auto& same = std::get<mapping::CodeCodec>(binding("sp", "sex").codec).codes;
    ASSERT_EQ(same.size(), 4U);
    EXPECT_EQ(same[2], (std::pair<std::string, std::string>{"diverse", "diverse"}));
    const auto& reference = std::get<mapping::ReferenceCodec>(binding("sp", "household").codec);
    EXPECT_EQ(reference.table, table("sp", "household").index);
    EXPECT_TRUE(reference.required);
    const auto& split = binding("sp", "name");
    EXPECT_EQ(split.unit_fields, (std::vector<std::size_t>{0, 1}));
    EXPECT_EQ(
        std::get<mapping::PatternCodec>(split.codec).literals, (std::vector<std::string>{"", ", ", ""})
    );
    const auto& phone = table("sp", "person").slots[binding("sp", "phone").slot];
    EXPECT_EQ(
        phone,
        (mapping::Slot{
            .column = "contact", .path = {"phone", "mobile"}
    })
    );
    EXPECT_EQ(table("es", "person").find_unit(unit("person", "name"))->bindings.size(), 2U);
}

TEST_F(GoodConfiguration, SetsSayInWhichFormTheyStand)
{
    using mapping::SetCodec;
    const auto& array = std::get<SetCodec>(binding("sp", "skills").codec);
    EXPECT_TRUE(std::holds_alternative<SetCodec::Array>(array.form));
    EXPECT_EQ(array.codes.back(), (std::pair<std::string, std::string>{"welding", "welding"}));
    const auto& separated = std::get<SetCodec>(binding("es", "skills").codec);
    EXPECT_EQ(std::get<SetCodec::Separated>(separated.form).separator, ";");
    EXPECT_EQ(separated.codes.front(), (std::pair<std::string, std::string>{"C", "cooking"}));
    const auto& person = definition().model.entity(entity("person"));
    EXPECT_EQ(definition().model.code_lists[*person.find_field("skills")->element_list].name, "skills");
    const auto& texts = table("sp", "plan").find_unit(unit("plan", "topics"))->bindings.front();
    EXPECT_TRUE(std::get<SetCodec>(texts.codec).codes.empty());
    EXPECT_TRUE(rule("person", "skills").joins());
    EXPECT_FALSE(rule("plan", "topics").joins());
}

TEST_F(GoodConfiguration, KeysConstantsAndConditionsAreTaken)
{
    EXPECT_EQ(table("sp", "person").key_column, "id");
    EXPECT_EQ(table("sp", "person").new_key, mapping::NewKey::sequence);
    EXPECT_EQ(table("es", "person").new_key, mapping::NewKey::uuid);
    ASSERT_EQ(table("sp", "person").on_insert.size(), 2U);
    EXPECT_EQ(table("sp", "person").on_insert[0].text, "casebridge");
    EXPECT_EQ(table("sp", "person").on_insert[1].text, "");
    EXPECT_TRUE(std::holds_alternative<mapping::CreateNever>(table("sp", "household").create_when));
    EXPECT_TRUE(std::holds_alternative<mapping::CreateNever>(table("sp", "person").create_when));
    EXPECT_TRUE(std::holds_alternative<mapping::CreateAlways>(table("sp", "plan").create_when));
    const auto& conditions =
        std::get<std::vector<mapping::CreateCondition>>(table("es", "person").create_when);
    ASSERT_EQ(conditions.size(), 3U);
    EXPECT_EQ(std::get<mapping::AnyOf>(conditions[1].test).values.size(), 2U);
    EXPECT_EQ(std::get<mapping::AgeBetween>(conditions[2].test).to_years, 64);
}

TEST_F(GoodConfiguration, RulesAreHoldWhereNobodySaidMore)
{
    EXPECT_EQ(to_string(rule("person", "name")), "authority:sp");
    using Others = conflict::Authority::Others;
    EXPECT_EQ(rule("person", "name").authority()->others, Others::proposed);
    EXPECT_EQ(rule("person", "employment_status").authority()->others, Others::reverted);
    EXPECT_EQ(to_string(rule("person", "death_date")), "hold");
    EXPECT_EQ(to_string(rule("person", "phone")), "latest");
    EXPECT_EQ(to_string(rule("household", "label")), "hold");
    EXPECT_EQ(to_string(rule("plan", "goal")), "filled>latest");
    EXPECT_EQ(
        std::get<conflict::Latest>(rule("plan", "goal").chain()[1]).skew_bound, std::chrono::milliseconds{500}
    );
    EXPECT_EQ(to_string(rule("person", "sex")), "rank");
    EXPECT_EQ(std::get<conflict::Rank>(rule("person", "sex").chain()[0]).values.front(), Value{"female"});
    EXPECT_EQ(to_string(rule("person", "birth_date")), "filled>min");
    EXPECT_EQ(
        std::get<conflict::Min>(rule("person", "birth_date").chain()[1]).order, conflict::ValueOrder::date
    );
    ASSERT_NE(rule("plan", "budget").sum(), nullptr);
    EXPECT_EQ(rule("plan", "budget").sum()->range, conflict::Sum::Range::numeric);
}

TEST_F(GoodConfiguration, FormsMayStayOpenForAQuarterOfAnHourWhereNobodySaidMore)
{
    EXPECT_EQ(definition().stale_form_window(AgencyId{"sp"}), std::chrono::minutes{15});
    EXPECT_EQ(definition().stale_form_window(AgencyId{"es"}), std::chrono::minutes{10});
    const auto stale_forms_of = [&](const char* of, const char* name) {
        return definition().stale_forms_of(entity(of), unit(of, name));
    };
    EXPECT_EQ(stale_forms_of("person", "death_date"), pipeline::StaleForms::any);
    EXPECT_EQ(stale_forms_of("person", "name"), pipeline::StaleForms::off);
    EXPECT_EQ(stale_forms_of("plan", "goal"), pipeline::StaleForms::restored);
}

TEST_F(GoodConfiguration, AgreementsShareWhatTheyNameWhileTheyAreValid)
{
    const auto shares = [&](const char* from, const char* to, const char* of, const char* name, auto day) {
        const auto* found =
            definition().find_agreement(AgencyId{from}, AgencyId{to}, entity(of), unit(of, name), day);
        return found == nullptr ? "" : found->id;
    };
    EXPECT_EQ(shares("sp", "es", "person", "name", 2026y / 1 / 1), "2026-14");
    EXPECT_EQ(shares("sp", "es", "plan", "budget", 2027y / 12 / 31), "2026-14");
    EXPECT_EQ(shares("sp", "es", "person", "name", 2025y / 12 / 31), "");
    EXPECT_EQ(shares("sp", "es", "person", "name", 2028y / 1 / 1), "");
    EXPECT_EQ(shares("sp", "es", "person", "phone", 2026y / 6 / 1), "");
    EXPECT_EQ(shares("es", "sp", "person", "name", 2026y / 6 / 1), "");
    EXPECT_EQ(shares("es", "sp", "person", "employment_status", 2099y / 1 / 1), "2026-15");
}

TEST_F(GoodConfiguration, ItsSourceIsKeptWholeAndHashed)
{
    const Files files;
    std::string source;
    for (const auto* name : {"bridge.jsonc", "model.jsonc", "es.mapping.jsonc", "sp.mapping.jsonc"}) {
        const auto& text = files.texts().at(name);
        source += std::string{"# "} + name + " " + std::to_string(text.size()) + "\n" + text + "\n";
    }
    EXPECT_EQ(settings_.source, source);
    EXPECT_EQ(settings_.source_hash.size(), 16U);
    EXPECT_EQ(std::get<Settings>(files.load()).source_hash, settings_.source_hash);

    auto changed = files;
    changed.text("model.jsonc") += " ";
    EXPECT_NE(std::get<Settings>(changed.load()).source_hash, settings_.source_hash);
}

TEST(Configuration, OfTheSampleAgenciesIsGood)
{
    for (const auto* sample : {"bridge", "three_agencies"}) {
        const auto result =
            load_bridge(std::filesystem::path{CASEBRIDGE_SOURCE_DIR} / "examples" / sample / "bridge.jsonc");
        if (const auto* mistakes = std::get_if<std::vector<Mistake>>(&result))
            for (const auto& mistake : *mistakes)
                ADD_FAILURE() << sample << ": " << to_string(mistake);
    }
}

TEST(Configuration, HasDefaultsForTheServiceItself)
{
    Files files;
    files.replace("bridge.jsonc", R"("web": { "listen": "[::1]:9500" },)", "");
    files.replace("bridge.jsonc", R"("log": { "format": "json", "level": "warning" },)", R"("log": {},)");

    const auto settings = std::get<Settings>(files.load());

    EXPECT_EQ(settings.web, (ListenAddress{.host = "127.0.0.1", .port = 9464}));
    EXPECT_EQ(settings.log.format, LogFormat::logfmt);
    EXPECT_EQ(settings.log.level, LogLevel::info);
}

TEST(Configuration, MayListenForOtherHostsWhenItSaysSo)
{
    Files files;
    files.replace("bridge.jsonc", R"("[::1]:9500")", R"("192.0.2.7:9464", "allow_remote": true)");
    EXPECT_EQ(std::get<Settings>(files.load()).web, (ListenAddress{.host = "192.0.2.7", .port = 9464}));
    files.replace("bridge.jsonc", "192.0.2.7", "127.8.9.10");
    EXPECT_EQ(files.mistakes(), "");
}

TEST(Configuration, AMissingBridgeFileIsAMistake)
{
    const auto result = load_bridge(std::filesystem::path{good_directory} / "none.jsonc");
    ASSERT_TRUE(std::holds_alternative<std::vector<Mistake>>(result));
    EXPECT_EQ(
        to_string(std::get<std::vector<Mistake>>(result).at(0)),
        "none.jsonc:1:1: cannot read the file: No such file or directory"
    );
}

}  // namespace
}  // namespace casebridge::config
