#include "daemon/retention_text.hpp"

namespace casebridge::daemon {

hub::Retention retention_of(const config::RetentionSettings& settings)
{
    return {
        .journal_values = settings.journal_values,
        .conflict_values = settings.conflict_values,
        .journal = settings.journal,
    };
}

bool keeps_everything(const hub::Retention& retention)
{
    return !retention.journal_values && !retention.conflict_values && !retention.journal;
}

std::string in_words(const hub::PruneCounts& counts)
{
    return "values of " + std::to_string(counts.journal_values) + " journal entries and " +
           std::to_string(counts.conflict_values) + " conflicts, " + std::to_string(counts.partitions) +
           " whole partitions of the journal";
}

}  // namespace casebridge::daemon
