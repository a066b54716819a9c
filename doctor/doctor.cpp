#include "doctor/doctor.hpp"

#include "connectors/postgres/replication_stream.hpp"
#include "doctor/examined_session.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::doctor {

using boost::asio::awaitable;

namespace {

constexpr auto emit_function = "pg_logical_emit_message(boolean, text, text)";

// What a question throws becomes a remark; the others are asked all the same.
awaitable<void> attempt(std::vector<Unread>& failures, std::string what, awaitable<void> question)
{
    try {
        co_await std::move(question);
    } catch (const libpq::DatabaseError& error) {
        failures.push_back({std::move(what), error.error()});
    }
}

awaitable<void> open(std::optional<ExaminedSession>& session, std::string connection, std::string conninfo)
{
    session.emplace(co_await ExaminedSession::open(std::move(connection), std::move(conninfo)));
}

awaitable<void> ask_server(
    ExaminedSession& session, std::string slot, std::string origin, std::optional<ServerFacts>& facts
)
{
    facts = co_await read_server(session.connection(), std::move(slot), std::move(origin));
}

awaitable<void> ask_transactions(ExaminedSession& session, AgencyFacts& facts)
{
    facts.transactions = co_await read_transactions(session.connection());
}

awaitable<void> ask_grants(
    ExaminedSession& session,
    const std::vector<TableUse>& uses,
    std::string functions,
    std::optional<GrantFacts>& grants
)
{
    grants = co_await read_grants(session.connection(), uses, std::move(functions));
}

postgres::MappedTables mappings_of(const std::vector<TableUse>& uses)
{
    postgres::MappedTables tables;
    std::ranges::transform(uses, std::back_inserter(tables), &TableUse::mapping);
    return tables;
}

awaitable<void> ask_objects(ExaminedSession& session, const std::vector<TableUse>& uses, AgencyFacts& facts)
{
    facts.objects =
        co_await postgres::read_agency_objects(session.connection(), facts.name, mappings_of(uses));
}

awaitable<void> ask_tables(ExaminedSession& session, const std::vector<TableUse>& uses, AgencyFacts& facts)
{
    facts.tables = co_await read_tables(session.connection(), uses);
}

// What the daemon's own sessions would say about the mapping.
awaitable<void> ask_mapping(ExaminedSession& session, const std::vector<TableUse>& uses, AgencyFacts& facts)
{
    try {
        co_await postgres::read_catalog(session.connection(), mappings_of(uses));
        facts.mapping_mismatches.emplace();
    } catch (const postgres::AgencyMismatch& mismatch) {
        facts.mapping_mismatches = mismatch.mismatches();
    }
}

awaitable<void> log_in_for_replication(std::string conninfo)
{
    libpq::ConnectionOptions options{std::move(conninfo)};
    options.application_name = "casebridge:doctor";
    auto stream = co_await postgres::ReplicationStream::open(std::move(options));
    co_await stream.identify_system();
}

void note_hidden(AgencyFacts& facts)
{
    if (!facts.transactions)
        return;
    const auto hide = [&](std::string what, std::string role) {
        facts.not_visible.push_back({
            std::move(what),
            {ErrorClass::permanent,
                          "not_permitted", "",
                          "our roles may not see it", "add a `setup` connection, or GRANT " + std::move(role) +
                 " to a role of yours for this examination"}
        });
    };
    if (facts.transactions->view == TransactionFacts::View::own_sessions_only)
        hide("how old other sessions' transactions are", "pg_read_all_stats");
    if (facts.transactions->output_plugins_hidden)
        hide("which output plugins the server permits", "pg_read_all_settings");
}

class AgencyReader {
public:
    AgencyReader(const config::AgencyConnections& connections, AgencyNeeds& agency)
        : connections_(connections), facts_(agency.facts), uses_(agency.uses)
    {
    }

    awaitable<void> run()
    {
        co_await read_as_capture();
        co_await read_as_deliver();
        co_await read_as_setup();
        note_hidden(facts_);
    }

private:
    awaitable<void> read_as_capture()
    {
        std::vector<Unread> failures;
        co_await attempt(failures, "replication", log_in_for_replication(connections_.capture));
        if (!failures.empty())
            facts_.replication_error = failures.front().error;
        std::optional<ExaminedSession> session;
        co_await attempt(facts_.refused, "capture", open(session, "capture", connections_.capture));
        if (!session)
            co_return;
        facts_.capture = session->facts();
        co_await attempt(
            facts_.not_visible,
            "grants of the capturing role",
            ask_grants(*session, uses_, emit_function, facts_.capture_grants)
        );
        co_await attempt(
            facts_.not_visible,
            "the server",
            ask_server(*session, facts_.name, facts_.origin.value_or(""), facts_.server)
        );
        co_await attempt(facts_.not_visible, "publication and slot", ask_objects(*session, uses_, facts_));
        co_await attempt(facts_.not_visible, "tables", ask_tables(*session, uses_, facts_));
        if (!connections_.setup)
            co_await attempt(facts_.not_visible, "transactions", ask_transactions(*session, facts_));
    }

    awaitable<void> read_as_deliver()
    {
        std::optional<ExaminedSession> session;
        co_await attempt(facts_.refused, "deliver", open(session, "deliver", connections_.deliver));
        if (!session)
            co_return;
        facts_.deliver = session->facts();
        auto functions = std::string{postgres::origin_functions} + ", " + emit_function;
        co_await attempt(
            facts_.not_visible,
            "grants of the delivering role",
            ask_grants(*session, uses_, std::move(functions), facts_.deliver_grants)
        );
        co_await attempt(facts_.not_visible, "the mapped columns", ask_mapping(*session, uses_, facts_));
        if (facts_.capture)
            co_return;
        co_await attempt(
            facts_.not_visible,
            "the server",
            ask_server(*session, facts_.name, facts_.origin.value_or(""), facts_.server)
        );
        co_await attempt(facts_.not_visible, "publication and slot", ask_objects(*session, uses_, facts_));
        co_await attempt(facts_.not_visible, "tables", ask_tables(*session, uses_, facts_));
    }

    awaitable<void> read_as_setup()
    {
        if (!connections_.setup)
            co_return;
        std::optional<ExaminedSession> session;
        co_await attempt(
            facts_.not_visible,
            "what only the role of `setup` may see",
            open(session, "setup", *connections_.setup)
        );
        if (!session)
            co_return;
        facts_.setup = session->facts();
        co_await attempt(facts_.not_visible, "transactions", ask_transactions(*session, facts_));
    }

    const config::AgencyConnections& connections_;
    AgencyFacts& facts_;
    const std::vector<TableUse>& uses_;
};

awaitable<void> read_hub_facts(std::string conninfo, HubFacts& facts)
{
    std::optional<ExaminedSession> session;
    co_await attempt(facts.refused, "hub", open(session, "hub", std::move(conninfo)));
    if (!session)
        co_return;
    facts.session = session->facts();
    co_await attempt(facts.refused, "hub", ask_server(*session, "", "", facts.server));
    co_await attempt(facts.refused, "hub", read_hub(session->connection(), facts));
}

std::optional<std::chrono::microseconds> skew_bound(const pipeline::BridgeDefinition& definition)
{
    std::optional<std::chrono::microseconds> bound;
    for (const auto& entity : definition.rules)
        for (const auto& rule : entity)
            for (const auto& chained : rule.chain())
                if (const auto* latest = std::get_if<conflict::Latest>(&chained))
                    bound = std::min(bound.value_or(latest->skew_bound), latest->skew_bound);
    return bound;
}

AgencyNeeds needs_of(const config::Settings& settings, const AgencyId& agency, const HubFacts& hub)
{
    AgencyNeeds needs;
    needs.uses = table_uses(settings.definition, agency);
    auto& facts = needs.facts;
    facts.agency = agency.value();
    for (const auto& use : needs.uses)
        facts.mapped_tables.emplace(use.mapping->index, use.mapping->name());
    // The configuration's names are short enough, so this cannot fail.
    const auto names = postgres::agency_names(settings.definition.name, agency, hub.incarnation).value();
    facts.name = names.slot;
    if (!hub.incarnation.empty())
        facts.origin = names.origin;
    const auto position = hub.positions.find(agency.value());
    if (position != hub.positions.end() && position->second > Lsn{0})
        facts.hub_position = position->second;
    return needs;
}

}  // namespace

awaitable<Report> examine_bridge(const config::Settings& settings)
{
    BridgeFacts facts;
    facts.bridge = settings.definition.name;
    facts.skew_bound = skew_bound(settings.definition);
    co_await read_hub_facts(settings.hub_connection, facts.hub);
    for (const auto& connections : settings.agencies) {
        facts.agencies.push_back(needs_of(settings, connections.agency, facts.hub));
        AgencyReader reader{connections, facts.agencies.back()};
        co_await reader.run();
    }
    co_return examine(facts);
}

}  // namespace casebridge::doctor
