#include "conflict/delete_rule.hpp"

namespace casebridge::conflict {

namespace {

struct NameOf {
    std::string_view operator()(const HoldDelete&) const { return "hold"; }
    std::string_view operator()(const DetachDelete&) const { return "detach"; }
    std::string_view operator()(const PropagateDelete&) const { return "propagate"; }
    std::string_view operator()(const ArchiveDelete&) const { return "archive"; }
};

}  // namespace

std::string_view to_string(const DeleteRule& rule)
{
    return std::visit(NameOf{}, rule);
}

}  // namespace casebridge::conflict
