#pragma once

#include "conflict/judge.hpp"

#include <optional>
#include <string>

namespace casebridge::conflict {

inline UnitValue text(const std::string& value)
{
    return {Value{value}};
}

inline Version version(
    std::int64_t seq, const std::string& author, const std::string& value, std::optional<std::int64_t> stamp
)
{
    return {
        JournalSeq{seq}, AgencyId{author}, text(value), stamp ? std::optional{PgTime{*stamp}} : std::nullopt};
}

inline constexpr std::int64_t second = 1'000'000;

}  // namespace casebridge::conflict
