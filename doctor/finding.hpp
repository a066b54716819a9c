#pragma once

#include <algorithm>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

// What an examination found, as data for people and programs. Nothing in it is a row's value: names of schema
// objects, roles, settings and numbers only.

namespace casebridge::doctor {

enum class Severity {
    note,     // Holds, and is worth knowing.
    warning,  // Works today; something foreseeable makes it fail, or it permits more than it must.
    error,    // Does not work, loses changes, or makes the agency's own statements fail.
};

[[nodiscard]] constexpr std::string_view to_string(Severity severity) noexcept
{
    switch (severity) {
        case Severity::note:
            return "note";
        case Severity::warning:
            return "warning";
        case Severity::error:
            break;
    }
    return "error";
}

// A kind of finding. Code and severity are stable.
struct FindingKind {
    std::string_view code;  // snake_case.
    Severity severity;
    std::string_view effect;  // What it leads to. One or more sentences without the last full stop.
};

// Every kind there is, in the order of docs/doctor.md, which explains each.
[[nodiscard]] const std::vector<FindingKind>& catalogue();

// Of a code of the catalogue; any other is a failure of the programmer.
[[nodiscard]] const FindingKind& kind_of(std::string_view code);

struct Finding {
    const FindingKind* kind = nullptr;  // Of the catalogue.
    std::string cause;                  // What was found.
    std::string remedy;                 // A statement, or what to do.
};

// One thing that was looked at: a connection, a role, a table. Knows also what it was examined for and does
// not have.
class Subject {
public:
    // `place` as an operator knows it: `role casebridge_deliver`, `sp.person`.
    Subject(std::string place, std::initializer_list<std::string_view> codes)
        : place_(std::move(place)), looked_for_(codes)
    {
    }

    // The code must be one that was announced.
    void found(std::string_view code, std::string cause, std::string remedy);

    // These were announced and could not be looked for, or do not apply: what was not seen has not passed.
    void withdraw(std::initializer_list<std::string_view> codes);

    [[nodiscard]] const std::string& place() const noexcept { return place_; }
    [[nodiscard]] const std::vector<Finding>& findings() const noexcept { return findings_; }

    // Codes that were looked for and not found.
    [[nodiscard]] std::vector<std::string_view> passed() const;

private:
    std::string place_;
    std::vector<std::string_view> looked_for_;
    std::vector<Finding> findings_;
};

using Subjects = std::vector<Subject>;

}  // namespace casebridge::doctor
