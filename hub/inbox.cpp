#include "hub/inbox.hpp"

#include "connectors/libpq/task_scope.hpp"
#include "hub/decision_payload.hpp"
#include "hub/enum_texts.hpp"
#include "hub/failure.hpp"
#include "hub/json_text.hpp"
#include "hub/parked_payload.hpp"
#include "hub/row_texts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace casebridge::hub {

namespace {

namespace asio = boost::asio;
using Json = nlohmann::json;

// A window longer than this is a mistake in the unit of time.
constexpr std::int64_t pause_seconds_max = 90LL * 24 * 60 * 60;

constexpr auto clock_sql =
    "SELECT (extract(epoch FROM clock_timestamp() - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint";

// The projection leaves few requests for the journal to be asked about.
constexpr auto standing_sql =
    "SELECT i.id, i.kind, i.agency, i.payload, i.requested_by, i.session_role, i.reason,"
    " (extract(epoch FROM i.requested_at - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint,"
    " (extract(epoch FROM i.deadline - timestamptz '2000-01-01 00:00:00+00') * 1000000)::bigint"
    " FROM casebridge.inbox i WHERE NOT EXISTS (SELECT FROM casebridge.request r WHERE r.id = i.id)"
    " AND NOT EXISTS (SELECT FROM casebridge.journal j WHERE j.kind = 'request_answered'"
    " AND (j.envelope ->> 'request')::bigint = i.id) ORDER BY i.id LIMIT $1::bigint";

pipeline::NotUnderstood not_understood(std::string why)
{
    return {std::move(why)};
}

pipeline::RequestBody read_pause(AgencyId agency, const std::optional<std::string>& payload)
{
    if (!payload)
        return pipeline::PauseAgency{std::move(agency), std::nullopt};
    const auto json = Json::parse(*payload, nullptr, false);
    if (!json.is_object() || json.size() != 1 || !json.contains("seconds") ||
        !json["seconds"].is_number_integer())
        return not_understood("the payload of a pause is {\"seconds\": NUMBER} or nothing");
    const auto seconds = json["seconds"].get<std::int64_t>();
    if (seconds <= 0 || seconds > pause_seconds_max)
        return not_understood("a pause lasts between one second and 90 days");
    return pipeline::PauseAgency{std::move(agency), std::chrono::seconds{seconds}};
}

pipeline::RequestBody read_body(const RequestNote& note, const std::optional<std::string>& payload)
{
    constexpr std::array of_agency{
        pipeline::pause_kind,
        pipeline::resume_kind,
        pipeline::match_kind,
        pipeline::approve_breaker_kind,
        pipeline::split_link_kind};
    if (!note.agency && std::ranges::find(of_agency, note.kind) != of_agency.end())
        return not_understood("the request names no agency");
    if (note.kind == pipeline::pause_kind)
        return read_pause(*note.agency, payload);
    if (note.kind == pipeline::resume_kind)
        return pipeline::ResumeAgency{*note.agency};
    if (note.kind == pipeline::reload_kind)
        return pipeline::ReloadConfiguration{};
    if (note.kind == pipeline::prune_kind)
        return pipeline::PruneJournal{};
    if (note.kind == pipeline::decide_kind) {
        auto decision = read_decision(payload.value_or(""));
        return decision ? pipeline::RequestBody{std::move(*decision)}
                        : not_understood("the payload of a decision is not as docs/hub.md says");
    }
    if (note.kind == pipeline::retry_kind || note.kind == pipeline::skip_kind) {
        auto names = read_parked_names(payload.value_or(""));
        if (!names)
            return not_understood("the payload does not name parked rows or deliveries as docs/hub.md says");
        if (note.kind == pipeline::retry_kind)
            return pipeline::RetryParked{std::move(*names)};
        return pipeline::SkipParked{std::move(*names)};
    }
    if (note.kind == pipeline::match_kind) {
        auto match = read_match(*note.agency, payload.value_or(""));
        return match ? pipeline::RequestBody{std::move(*match)}
                     : not_understood("the payload of a match is not as docs/hub.md says");
    }
    if (note.kind == pipeline::decide_deletion_kind) {
        const auto deletion = read_deletion(payload.value_or(""));
        return deletion ? pipeline::RequestBody{*deletion}
                        : not_understood("the payload of a decision is not as docs/hub.md says");
    }
    if (note.kind == pipeline::reject_proposal_kind) {
        auto rejection = read_rejection(payload.value_or(""));
        return rejection ? pipeline::RequestBody{std::move(*rejection)}
                         : not_understood("the payload of a rejection is not as docs/hub.md says");
    }
    if (note.kind == pipeline::approve_breaker_kind) {
        auto approval = read_approval(*note.agency, payload.value_or(""));
        return approval ? pipeline::RequestBody{std::move(*approval)}
                        : not_understood("the payload of an approval is not as docs/hub.md says");
    }
    if (note.kind == pipeline::split_link_kind) {
        auto split = read_split(*note.agency, payload.value_or(""));
        return split ? pipeline::RequestBody{std::move(*split)}
                     : not_understood("the payload of a split is not as docs/hub.md says");
    }
    return not_understood("the leader's program does not know this kind of request; another version may");
}

pipeline::OperatorRequest request_at(const libpq::QueryResult& rows, std::size_t row)
{
    const auto agency = rows.value(row, 2);
    RequestNote note{
        .id = RequestId{to_int64(rows.text(row, 0))},
        .kind = std::string{rows.text(row, 1)},
        .agency = agency ? std::optional{AgencyId{std::string{*agency}}} : std::nullopt,
        .requested_by = std::string{rows.text(row, 4)},
        .role = std::string{rows.text(row, 5)},
        .reason = std::string{rows.text(row, 6)},
        .requested_at = PgTime{to_int64(rows.text(row, 7))},
        .deadline = PgTime{to_int64(rows.text(row, 8))},
    };
    auto body = read_body(note, to_string(rows.value(row, 3)));
    return {std::move(note), std::move(body)};
}

asio::awaitable<std::optional<Answer>> find_answer(libpq::Connection& connection, RequestId request)
{
    const auto rows = co_await connection.execute(
        "SELECT outcome, answer FROM casebridge.answer($1::bigint)",
        libpq::parameters(std::to_string(request.value()))
    );
    if (rows.rows() == 0)
        co_return std::nullopt;
    const auto outcome = from_text<RequestOutcome>(rows.text(0, 0));
    if (!outcome)
        throw HubFailure{
            Error{
                  .kind = ErrorClass::permanent,
                  .code = "unknown_word",
                  .place = "casebridge.answer",
                  .message = "this program does not know the outcome that the leader has journalled",
                  .remedy = "use the program version of the leader",
                  }
        };
    co_return Answer{*outcome, rows.value(0, 1) ? std::string{rows.text(0, 1)} : std::string{}};
}

asio::awaitable<void> wait_until_answered(
    libpq::Connection& connection, RequestId request, std::optional<Answer>& answer
)
{
    while (!answer) {
        static_cast<void>(co_await connection.next_notification());
        answer = co_await find_answer(connection, request);
    }
}

}  // namespace

asio::awaitable<void> listen_to_requests(libpq::Connection& connection)
{
    co_await connection.execute_script("LISTEN casebridge_inbox");
}

asio::awaitable<Standing> standing_requests(libpq::Connection& connection, std::size_t limit)
{
    std::vector<libpq::Statement> statements;
    statements.emplace_back(clock_sql);
    statements.emplace_back(standing_sql, libpq::parameters(std::to_string(limit)));
    const auto results = co_await connection.execute_pipelined(std::move(statements));
    Standing standing;
    standing.now = PgTime{to_int64(results[0].text(0, 0))};
    for (std::size_t row = 0; row < results[1].rows(); ++row)
        standing.requests.push_back(request_at(results[1], row));
    co_return standing;
}

asio::awaitable<bool> is_answered(libpq::Connection& connection, RequestId request)
{
    const auto rows = co_await connection.execute(
        "SELECT FROM casebridge.journal WHERE kind = 'request_answered'"
        " AND (envelope ->> 'request')::bigint = $1::bigint",
        libpq::parameters(std::to_string(request.value()))
    );
    co_return rows.rows() > 0;
}

std::string pause_payload(std::chrono::seconds lasts)
{
    std::string text;
    JsonText json{text};
    json.open('{').key("seconds").number(std::int64_t{lasts.count()}).close('}');
    return text;
}

asio::awaitable<Submitted> submit(libpq::Connection& connection, NewRequest request)
{
    co_await connection.execute_script("LISTEN casebridge_answer");
    const auto rows = co_await connection.execute(
        "SELECT id, deadline FROM casebridge.request($1, $2, $3::jsonb, $4, $5, make_interval(secs => "
        "$6::bigint))",
        libpq::parameters(
            std::move(request.kind),
            std::move(request.agency),
            std::move(request.payload),
            std::move(request.requested_by),
            std::move(request.reason),
            std::to_string(request.wait.count())
        )
    );
    co_return Submitted{RequestId{to_int64(rows.text(0, 0))}, std::string{rows.text(0, 1)}};
}

asio::awaitable<std::optional<Answer>> wait_for_answer(
    libpq::Connection& connection, RequestId request, std::chrono::milliseconds limit
)
{
    auto answer = co_await find_answer(connection, request);
    if (answer)
        co_return answer;
    try {
        co_await libpq::within(limit, "waiting", wait_until_answered(connection, request, answer));
    } catch (const libpq::Timeout&) {
        // The caller's answer to this is its own.
    }
    co_return answer;
}

}  // namespace casebridge::hub
