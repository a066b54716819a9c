#include "connectors/pgoutput/any_message.hpp"

namespace casebridge::pgoutput {
namespace {

struct Name {
    const char* operator()(const Message& message) const noexcept { return message_name(message); }
    const char* operator()(const StreamedMessage& streamed) const noexcept
    {
        return message_name(streamed.message);
    }
    const char* operator()(const StreamStart&) const noexcept { return "Stream Start"; }
    const char* operator()(const StreamStop&) const noexcept { return "Stream Stop"; }
    const char* operator()(const StreamCommit&) const noexcept { return "Stream Commit"; }
    const char* operator()(const StreamAbort&) const noexcept { return "Stream Abort"; }
    const char* operator()(const BeginPrepare&) const noexcept { return "Begin Prepare"; }
    const char* operator()(const Prepare&) const noexcept { return "Prepare"; }
    const char* operator()(const CommitPrepared&) const noexcept { return "Commit Prepared"; }
    const char* operator()(const RollbackPrepared&) const noexcept { return "Rollback Prepared"; }
    const char* operator()(const StreamPrepare&) const noexcept { return "Stream Prepare"; }
};

}  // namespace

const char* any_message_name(const AnyMessage& message) noexcept
{
    return std::visit(Name{}, message);
}

}  // namespace casebridge::pgoutput
