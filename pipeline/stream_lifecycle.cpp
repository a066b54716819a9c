#include "pipeline/stream_lifecycle.hpp"

#include <algorithm>
#include <utility>

namespace casebridge::pipeline {

NextStep StreamLifecycle::next(const Ended& previous)
{
    const auto* error = std::get_if<Error>(&previous);
    if (error != nullptr && error->kind == ErrorClass::permanent)
        return Stop{*error};
    // Poison never ends a stream; if it does, the shell forgot to park it, and retrying is the safe reaction.
    return TryAgain{std::exchange(backoff_, std::min(backoff_ * 2, limits_.backoff_max))};
}

}  // namespace casebridge::pipeline
