#include "connectors/pgoutput/message.hpp"

namespace casebridge::pgoutput {
namespace {

struct Name {
    const char* operator()(const Begin&) const noexcept { return "Begin"; }
    const char* operator()(const Commit&) const noexcept { return "Commit"; }
    const char* operator()(const Origin&) const noexcept { return "Origin"; }
    const char* operator()(const Relation&) const noexcept { return "Relation"; }
    const char* operator()(const Type&) const noexcept { return "Type"; }
    const char* operator()(const Insert&) const noexcept { return "Insert"; }
    const char* operator()(const Update&) const noexcept { return "Update"; }
    const char* operator()(const Delete&) const noexcept { return "Delete"; }
    const char* operator()(const Truncate&) const noexcept { return "Truncate"; }
    const char* operator()(const EmittedMessage&) const noexcept { return "Message"; }
};

}  // namespace

const char* message_name(const Message& message) noexcept
{
    return std::visit(Name{}, message);
}

}  // namespace casebridge::pgoutput
