#include "model/assert.hpp"
#include "tests/fuzz/entry.hpp"
#include "tests/fuzz/pgoutput_checks.hpp"

// One message: a byte that stands for the stream's options and place (pgoutput_checks.hpp), then the payload.

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    using namespace casebridge;
    const auto bytes = fuzz::input(data, size);
    if (bytes.empty())
        return 0;
    const auto payload = bytes.subspan(1);
    auto decoder = fuzz::decoder_of(fuzz::context_of(bytes.front()));
    static_cast<void>(fuzz::check_any_message(decoder, payload));

    // A stream of protocol 1 has two ways to be read; they say the same.
    pgoutput::Decoder plain{pgoutput::StreamOptions{}};
    const auto any = fuzz::check_any_message(plain, payload);
    const auto message = fuzz::check_message(payload);
    CASEBRIDGE_ASSERT(message.has_value() == any.has_value());
    CASEBRIDGE_ASSERT(message.has_value() || message.error() == any.error());
    return 0;
}
