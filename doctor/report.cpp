#include "doctor/report.hpp"

#include <nlohmann/json.hpp>

#include <array>
#include <cmath>
#include <sstream>

namespace casebridge::doctor {
namespace {

constexpr std::array worst_first{Severity::error, Severity::warning, Severity::note};

std::string counted(std::size_t number, const std::string& what)
{
    return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

std::string counts(const Report& report)
{
    return counted(report.count(Severity::error), "error") + ", " +
           counted(report.count(Severity::warning), "warning") + ", " +
           counted(report.count(Severity::note), "note");
}

double milliseconds(std::chrono::microseconds time)
{
    return static_cast<double>(time.count()) / 1000;
}

std::string version_text(int version)
{
    return std::to_string(version / 10000) + "." + std::to_string(version % 10000);
}

// `sp, PostgreSQL 15.20, clock 0.3 ms ahead of ours (± 0.1 ms): 1 error, 0 warnings, 2 notes; 80 checks
// passed`
std::string headline(const ServerReport& server)
{
    std::ostringstream text;
    text << server.name;
    if (server.version != 0)
        text << ", PostgreSQL " << version_text(server.version);
    else
        text << ", not reached";
    if (server.clock)
        text << ", clock " << std::abs(milliseconds(server.clock->offset)) << " ms "
             << (server.clock->offset.count() < 0 ? "behind" : "ahead of") << " ours (± "
             << milliseconds(server.clock->uncertainty) << " ms)";
    std::size_t passed = 0;
    for (const auto& subject : server.subjects)
        passed += subject.passed().size();
    const Report alone{{}, {server}};
    text << ": " << counts(alone) << "; " << passed << " checks passed";
    return text.str();
}

void print_finding(std::ostream& text, const Subject& subject, const Finding& finding, Detail detail)
{
    text << "  " << to_string(finding.kind->severity) << ' ' << finding.kind->code << ": " << subject.place()
         << ": " << finding.cause << '\n';
    if (finding.kind->severity == Severity::note && detail == Detail::findings)
        return;
    text << "    effect: " << finding.kind->effect << '\n' << "    remedy: " << finding.remedy << '\n';
}

void print_passed(std::ostream& text, const Subject& subject)
{
    const auto passed = subject.passed();
    if (passed.empty())
        return;
    text << "  ok: " << subject.place() << ": none of ";
    for (const auto& code : passed)
        text << (&code == &passed.front() ? "" : ", ") << code;
    text << '\n';
}

}  // namespace

std::string report_text(const Report& report, Detail detail)
{
    std::ostringstream text;
    for (const auto& server : report.servers) {
        text << headline(server) << '\n';
        for (const auto severity : worst_first)
            for (const auto& subject : server.subjects)
                for (const auto& finding : subject.findings())
                    if (finding.kind->severity == severity)
                        print_finding(text, subject, finding, detail);
        if (detail == Detail::everything)
            for (const auto& subject : server.subjects)
                print_passed(text, subject);
    }
    text << "bridge " << report.bridge << ": " << counts(report) << '\n';
    return text.str();
}

std::string report_json(const Report& report)
{
    nlohmann::json json;
    json["bridge"] = report.bridge;
    json["errors"] = report.count(Severity::error);
    json["warnings"] = report.count(Severity::warning);
    json["notes"] = report.count(Severity::note);
    json["servers"] = nlohmann::json::array();
    for (const auto& server : report.servers) {
        nlohmann::json entry;
        entry["server"] = server.name;
        entry["version"] =
            server.version == 0 ? nlohmann::json{} : nlohmann::json(version_text(server.version));
        entry["clock"] = nullptr;
        if (server.clock)
            entry["clock"] = {
                {"offset_ms",      milliseconds(server.clock->offset)     },
                {"uncertainty_ms", milliseconds(server.clock->uncertainty)}
            };
        entry["findings"] = nlohmann::json::array();
        entry["passed"] = nlohmann::json::array();
        for (const auto& subject : server.subjects) {
            for (const auto& finding : subject.findings())
                entry["findings"].push_back({
                    {"severity", to_string(finding.kind->severity)},
                    {"code",     finding.kind->code               },
                    {"place",    subject.place()                  },
                    {"cause",    finding.cause                    },
                    {"effect",   finding.kind->effect             },
                    {"remedy",   finding.remedy                   }
                });
            entry["passed"].push_back({
                {"place", subject.place() },
                {"codes", subject.passed()}
            });
        }
        json["servers"].push_back(std::move(entry));
    }
    return json.dump(2) + "\n";
}

}  // namespace casebridge::doctor
