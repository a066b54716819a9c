#include "connectors/libpq/sql_state.hpp"

namespace casebridge::libpq {
namespace {

// `prefix` is a class (two characters) or one state (five). A state beats its class.
struct Rule {
    std::string_view prefix;
    ErrorClass kind;
    std::string_view remedy;
};

using enum ErrorClass;

constexpr std::string_view wait_sentence = "nothing to do: the step is repeated by itself";
constexpr std::string_view value_sentence =
    "look at the parked change: the target's schema refuses this value; correct the row or the mapping and "
    "retry it";

constexpr std::array rules{
  // Transient: narrow on purpose. The server, the network or another session is in the way for a while.
    Rule{"08",    transient, "check the network and that the server runs"                                       },
    Rule{"08P01", permanent, "report this: client and server disagree about the protocol"                       },
    Rule{"25006", transient, "the server is read-only, a standby perhaps: check which host is the primary"      },
    Rule{"25P03", transient, wait_sentence                                                                      },
    Rule{"40001", transient, wait_sentence                                                                      },
    Rule{"40003", transient, wait_sentence                                                                      },
    Rule{"40P01", transient, wait_sentence                                                                      },
 // Class 53 heals when somebody frees the resource; until then a bounded back-off costs the server little.
    Rule{"53",    transient, "free what the server lacks: connections, memory or disk space"                    },
    Rule{
         "55006", transient,
         "the slot or origin is in use: make sure that no second daemon serves this bridge"                     },
    Rule{"55P03", transient, "somebody holds a lock for long: look for idle transactions at the agency"         },
    Rule{"57014", transient, "a statement was cancelled or took longer than its time limit: look for locks"     },
    Rule{"57P01", transient, wait_sentence                                                                      },
    Rule{"57P02", transient, "the server crashed: look into its log"                                            },
    Rule{"57P03", transient, wait_sentence                                                                      },
 // 57P04, the database was dropped, does not heal by itself; 57P05 ended an idle session of ours.
    Rule{"57P04", permanent, "the database was dropped: restore it, or correct the connection string"           },
    Rule{"57P05", transient, wait_sentence                                                                      },

 // Poison: this change, not the stream.
    Rule{"22",    poison,    value_sentence                                                                     },
    Rule{"23",    poison,    value_sentence                                                                     },
    Rule{"23503", poison,    "the parent row is missing at the target: it is written first, or parked itself"   },
    Rule{"44000", poison,    value_sentence                                                                     },
 // A value too long for an index of the target.
    Rule{"54000", poison,    value_sentence                                                                     },
 // Raised by a trigger or function of the agency, which looked at the row.
    Rule{"P0",    poison,    "a trigger at the target refuses this row: ask the agency which rule it checks"    },

 // Permanent, named only for the sake of their remedy.
    Rule{"28",    permanent, "check user, password file and pg_hba.conf"                                        },
    Rule{"3D",    permanent, "check the database name in the connection string"                                 },
    Rule{"42501", permanent, "grant what is missing: the documentation lists the grants of each role"           },
    Rule{"42704", permanent, "create the missing object, a slot, publication or origin"                         },
    Rule{
         "42",    permanent, "the schema differs from the mapping: check the configuration against the database"},
    Rule{
         "55000", permanent,
         "the server's set-up lacks something: check wal_level, the slot, the replica identity"                 },
};

constexpr Rule otherwise{"", permanent, "look up the SQLSTATE in PostgreSQL's documentation and report it"};

const Rule& rule_of(SqlState state) noexcept
{
    const Rule* found = &otherwise;
    for (const auto& rule : rules)
        if (state.text().starts_with(rule.prefix) && rule.prefix.size() > found->prefix.size())
            found = &rule;
    return *found;
}

}  // namespace

ErrorClass classify(SqlState state) noexcept
{
    return rule_of(state).kind;
}

std::string_view remedy(SqlState state) noexcept
{
    return rule_of(state).remedy;
}

}  // namespace casebridge::libpq
