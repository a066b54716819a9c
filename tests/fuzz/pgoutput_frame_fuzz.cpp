#include "connectors/pgoutput/frame.hpp"
#include "model/assert.hpp"
#include "tests/fuzz/entry.hpp"
#include "tests/fuzz/pgoutput_checks.hpp"

#include <algorithm>

// One CopyData frame, read as from a server and as from a client; what an XLogData carries is read as well.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace casebridge;
    const auto bytes = fuzz::input(data, size);
    if (const auto frame = pgoutput::decode_frame(bytes); frame.has_error()) {
        fuzz::check_error(frame.error());
    } else {
        CASEBRIDGE_ASSERT(std::ranges::equal(pgoutput::encode_frame(*frame), bytes));
        if (const auto* const carried = std::get_if<pgoutput::XLogData>(&*frame))
            static_cast<void>(fuzz::check_message(carried->payload));
    }
    if (const auto update = pgoutput::decode_status_update(bytes); update.has_error())
        fuzz::check_error(update.error());
    else
        CASEBRIDGE_ASSERT(std::ranges::equal(pgoutput::encode_status_update(*update), bytes));
    return 0;
}
