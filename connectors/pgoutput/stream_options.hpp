#pragma once

// What a stream asks for when it starts, as far as it decides which messages may come and in which form.

namespace casebridge::pgoutput {

// The default is what casebridge asks for: protocol 1. Every combination exists; what a message looks like
// depends on these two options alone, not on the protocol version that offers them.
struct StreamOptions {
    enum class Streaming {
        off,
        on,
        parallel,  // Like `on`, but a Stream Abort says where and when.
    };
    enum class TwoPhase { off, on };

    Streaming streaming = Streaming::off;
    TwoPhase two_phase = TwoPhase::off;

    friend bool operator==(const StreamOptions&, const StreamOptions&) = default;
};

// The lowest proto_version that has these options, 1 to 4.
[[nodiscard]] constexpr int protocol_version(const StreamOptions& options) noexcept
{
    if (options.streaming == StreamOptions::Streaming::parallel)
        return 4;
    if (options.two_phase == StreamOptions::TwoPhase::on)
        return 3;
    return options.streaming == StreamOptions::Streaming::on ? 2 : 1;
}

}  // namespace casebridge::pgoutput
