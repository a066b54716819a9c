#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// What is said about a wrong bridge file.

namespace casebridge::config {
namespace {

TEST(Mistakes, DocumentsAreChecked)
{
    expect_mistakes({
        {bridge,
         R"("bridge": "city",)",             R"("bridge": "city")",
         "bridge.jsonc:5:3: syntax error while parsing object - unexpected string literal; expected '}'"                         },
        {bridge,
         R"("bridge": "city",)",             R"("bridge": "city", "bridge": "town",)",
         "bridge.jsonc:4:21: bridge: the key is repeated; it stands in line 4 already"                                           },
        {bridge,
         R"("bridge": "city",)",             R"("bridge": "City",)",
         "bridge.jsonc:4:13: bridge: must be a name of a-z, 0-9 and _, beginning with a letter, of at most "
         "15 characters"                                                                                                         },
        {bridge, R"("bridge": "city",)",     "",                                       R"(bridge.jsonc:2:1: "bridge" is missing)"},
        {bridge,
         R"("bridge": "city",)",             R"("bridge": 7, "brigde": "city",)",
         "bridge.jsonc:4:13: bridge: must be text, but is a number"
         "\n"
         R"(bridge.jsonc:4:16: unknown key "brigde"; did you mean "bridge"?)"                                                    },
        {bridge,
         R"("model": "model.jsonc")",        R"("model": "modell.jsonc")",
         R"(bridge.jsonc:6:12: model: cannot read "modell.jsonc": no such file)"                                                 },
        {bridge,
         R"("mapping": "es.mapping.jsonc")", R"("mapping": "sp.mapping.jsonc")",
         R"(sp.mapping.jsonc:2:13: agency: "sp" is not the agency whose mapping this is; the bridge names this file for es)"     },
    });
}

TEST(Mistakes, ConnectionsAndLimitsAreChecked)
{
    expect_mistakes({
        {bridge,
         "service=casebridge_hub",                  "host=hub password=Canary-4711",
         "bridge.jsonc:5:26: hub/connection: holds a password: put it into a password file or a service "
         "file"                                                                                                                                                            },
        {bridge,
         "service=casebridge_hub",                  "host=hub password Canary-4711",
         "bridge.jsonc:5:26: hub/connection: is no connection string: write service=<name>, or keywords or a "
         "URI of libpq"                                                                                                                                                    },
        {bridge,
         "postgresql://casebridge@es.example/jobs", "postgresql://casebridge:Canary-4711@es.example/jobs",
         "bridge.jsonc:9:24: agencies/es/capture: holds a password: put it into a password file or a service "
         "file"                                                                                                                                                            },
        {bridge,
         "postgresql://casebridge@es.example/jobs", "postgresql://es.example/jobs?sslpassword=Canary-4711",
         "bridge.jsonc:9:24: agencies/es/capture: holds a password: put it into a password file or a service "
         "file"                                                                                                                                                            },
        {bridge, "service=es_deliver",              "",                                                         "bridge.jsonc:9:78: agencies/es/deliver: must not be empty"},
        {bridge,
         R"("deliver": "service=es_deliver", )",    "",
         R"(bridge.jsonc:9:11: agencies/es: "deliver" is missing)"                                                                                                         },
        {bridge,
         R"("[::1]:9500")",                         R"("::1:9500")",
         "bridge.jsonc:25:22: web/listen: must be an address and a port, like 127.0.0.1:9464 or [::1]:9464"                                                                },
        {bridge,
         R"("[::1]:9500")",                         R"("localhost:99999")",
         "bridge.jsonc:25:22: web/listen: must be an address and a port, like 127.0.0.1:9464 or [::1]:9464"                                                                },
        {bridge,
         R"("[::1]:9500")",                         R"("localhost:9500")",
         "bridge.jsonc:25:22: web/listen: must be an address and a port, like 127.0.0.1:9464 or [::1]:9464"                                                                },
        {bridge,
         R"("[::1]:9500")",                         R"("[::1]:9500", "allow_remote": "yes")",
         "bridge.jsonc:25:52: web/allow_remote: must be true or false, but is text"                                                                                        },
        {bridge,
         R"("warning")",                            R"("warn")",
         R"(bridge.jsonc:26:39: log/level: "warn" is none of debug, info, warning, error)"                                                                                 },
        {bridge,
         R"("survey_chunk_rows": 250)",             R"("survey_chunk_row": 250)",
         R"(bridge.jsonc:27:15: limits: unknown key "survey_chunk_row"; did you mean "survey_chunk_rows"?)"                                                                },
        {bridge,
         R"("heartbeat_seconds": 30)",              R"("heartbeat_seconds": 0, "delivery_rows_max": 1.5)",
         "bridge.jsonc:27:62: limits/heartbeat_seconds: must be a whole number from 1 to 3600"
         "\n"
         "bridge.jsonc:27:86: limits/delivery_rows_max: must be a whole number from 1 to 10000"                                                                            },
        {bridge,
         R"("heartbeat_seconds": 30)",              R"("heartbeat_seconds": "30")",
         "bridge.jsonc:27:62: limits/heartbeat_seconds: must be a number, but is text"                                                                                     },
        {bridge,
         R"("heartbeat_seconds": 30)",              R"("lock_timeout_ms": 2000, "statement_timeout_ms": 1000)",
         "bridge.jsonc:27:13: limits: lock_timeout_ms is greater than statement_timeout_ms and would never "
         "be reached"                                                                                                                                                      },
    });
}

// What is not of the loopback network is open to others.
TEST(Mistakes, AnAddressThatOthersCanReachHasToBeAllowed)
{
    const std::string mistake =
        "bridge.jsonc:25:22: web/listen: can be reached from other hosts, without login and encryption: "
        "listen "
        "on 127.0.0.1 or [::1], or add \"allow_remote\": true to web";
    for (const std::string address :
         {"0.0.0.0:9464",
          "192.0.2.7:9464",
          "128.0.0.1:9464",
          "[::]:9464",
          "[2001:db8::1]:9464",
          "[::ffff:127.0.0.1]:9464"}) {
        const auto listen = "\"" + address + "\"";
        expect_mistakes({
            {bridge, R"("[::1]:9500")", listen,                                mistake},
            {bridge, R"("[::1]:9500")", listen + R"(, "allow_remote": false)", mistake},
        });
    }
}

TEST(Mistakes, AgenciesAreChecked)
{
    expect_mistakes({
        {bridge,
         R"(    "es": { "capture")",                                    R"(    "Es": { "capture")",
         "bridge.jsonc:9:5: agencies/Es: an agency's id consists of a-z, 0-9 and _, begins with a letter and "
         "has at most 15 characters"
         "\n"
         R"(bridge.jsonc:15:43: rules/person/employment_status/authority: "es" is no agency of this bridge; did you mean "Es"?)"
         "\n"
         R"(bridge.jsonc:20:44: agreements/0/to: "es" is no agency of this bridge; did you mean "Es"?)"
         "\n"
         R"(bridge.jsonc:22:32: agreements/1/from: "es" is no agency of this bridge; did you mean "Es"?)"
         "\n"
         R"(es.mapping.jsonc:2:13: agency: "es" is not the agency whose mapping this is; the bridge names this file for Es)"},
        {bridge,
         ",\n    \"es\": { \"capture\": \"postgresql://casebridge@es.example/jobs\", \"deliver\": "
         "\"service=es_deliver\", \"mapping\": \"es.mapping.jsonc\" }", "",
         "bridge.jsonc:7:15: agencies: a bridge has 2 to 32 agencies"
         "\n"
         R"(bridge.jsonc:14:43: rules/person/employment_status/authority: "es" is no agency of this bridge)"
         "\n"
         R"(bridge.jsonc:19:44: agreements/0/to: "es" is no agency of this bridge)"
         "\n"
         R"(bridge.jsonc:21:32: agreements/1/from: "es" is no agency of this bridge)"                                       },
    });
}

TEST(Mistakes, RulesAreChecked)
{
    expect_mistakes({
        {bridge,
         "\"person\": {\n      \"default\"",               "\"persn\": {\n      \"default\"",
         R"(bridge.jsonc:12:5: rules/persn: "persn" is no entity of the model; did you mean "person"?)"                          },
        {bridge,
         R"("death_date": "hold")",                        R"("deathdate": "hold")",
         R"(bridge.jsonc:16:7: rules/person/deathdate: "deathdate" is no field or group of person; did you mean "death_date"?)"  },
        {bridge,
         R"("death_date": "hold")",                        R"("name.given": "hold")",
         R"(bridge.jsonc:16:7: rules/person/name.given: "name.given" is part of the group name: name the group)"                 },
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": "newest")",
         R"(bridge.jsonc:16:21: rules/person/death_date: "newest" is none of latest, hold)"                                      },
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": ["hold"])",
         R"(bridge.jsonc:16:21: rules/person/death_date: a rule is "latest", "hold" or {"authority": "<agency>"})"               },
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": { "authority": "es" })",
         "bridge.jsonc:16:21: rules/person/death_date: es does not map death_date and cannot be its "
         "authority"                                                                                                             },
        {bridge,
         R"("employment_status": { "authority": "es" })",  R"("employment_status": { "authority": "ess" })",
         R"(bridge.jsonc:15:43: rules/person/employment_status/authority: "ess" is no agency of this bridge; did you mean "es"?)"},
        {bridge,
         R"("default": "latest")",                         R"("default": { "authority": "es" })",
         "bridge.jsonc:13:18: rules/person/default: es does not map able_bodied and cannot be its authority"
         "\n"
         "bridge.jsonc:13:18: rules/person/default: es does not map household and cannot be its authority"                       },
        {bridge,
         R"("employment_status": { "authority": "es" },)", R"("employment_status": { "authority": "sp" }, "sex": { "autority": "sp" },)",
         "bridge.jsonc:15:28: rules/person/employment_status: sp does not map employment_status and cannot "
         "be its authority"
         "\n"
         R"(bridge.jsonc:15:58: rules/person/sex: "authority" is missing)"
         "\n"
         R"(bridge.jsonc:15:60: rules/person/sex: unknown key "autority"; did you mean "authority"?)"                            },
    });
}

TEST(Mistakes, AgreementsAreChecked)
{
    expect_mistakes({
        {bridge,
         R"(["2026-01-01", "2027-12-31"])",                   R"(["2027-12-31", "2026-01-01"])",
         "bridge.jsonc:21:16: agreements/0/valid: the last day is before the first"                                 },
        {bridge,
         R"(["2026-01-01", "2027-12-31"])",                   R"(["2026-02-30", "tomorrow"])",
         "bridge.jsonc:21:17: agreements/0/valid/0: must be a day like 2026-01-31, or null"
         "\n"
         "bridge.jsonc:21:31: agreements/0/valid/1: must be a day like 2026-01-31, or null"                         },
        {bridge,
         R"(["2026-01-01", "2027-12-31"])",                   R"(["2026-01-01"])",
         "bridge.jsonc:21:16: agreements/0/valid: must be two days, the first and the last; either may be "
         "null"                                                                                                     },
        {bridge,
         R"("2026-15")",                                      R"("2026-14")",
         R"(bridge.jsonc:22:13: agreements/1/id: agreement "2026-14" exists already)"                               },
        {bridge,
         R"("from": "es", "to": "sp")",                       R"("from": "es", "to": "es")",
         R"(bridge.jsonc:22:44: agreements/1/to: "from" and "to" are the same agency)"                              },
        {bridge,
         R"("from": "es", "to": "sp")",                       R"("from": "es", "to": "pes")",
         R"(bridge.jsonc:22:44: agreements/1/to: "pes" is no agency of this bridge; did you mean "es"?)"            },
        {bridge,
         R"("purpose": "joint plan")",                        R"("purpose": "")",
         "bridge.jsonc:22:61: agreements/1/purpose: must not be empty"                                              },
        {bridge,
         R"(["name", "birth_date", "national_id"])",          R"(["adress", "name.given", "nam", "birthdate", 7])",
         R"(bridge.jsonc:21:68: agreements/0/share/person/0: "adress" is no field or group of person)"
         "\n"
         R"(bridge.jsonc:21:78: agreements/0/share/person/1: "name.given" is part of the group name: name the group)"
         "\n"
         R"(bridge.jsonc:21:92: agreements/0/share/person/2: "nam" is no field or group of person; did you mean "name"?)"
         "\n"
         R"(bridge.jsonc:21:99: agreements/0/share/person/3: "birthdate" is no field or group of person; did you mean "birth_date"?)"
         "\n"
         "bridge.jsonc:21:112: agreements/0/share/person/4: must be text, but is a number"                          },
        {bridge,
         R"("plan": "*")",                                    R"("plan": "all")",
         R"(bridge.jsonc:21:114: agreements/0/share/plan: must be "*" or a list of fields and groups)"              },
        {bridge,
         R"("plan": "*")",                                    R"("plans": "*")",
         R"(bridge.jsonc:21:106: agreements/0/share/plans: "plans" is no entity of the model; did you mean "plan"?)"},
        {bridge,
         R"(, "share": { "person": ["employment_status"] })", "",
         R"(bridge.jsonc:22:5: agreements/1: "share" is missing)"                                                   },
        {bridge,
         R"({ "person": ["employment_status"] })",            "{}",
         "bridge.jsonc:23:47: agreements/1/share: the agreement shares nothing"                                     },
        {bridge,
         R"({ "person": ["employment_status"] })",            R"({ "person": [] })",
         "bridge.jsonc:23:59: agreements/1/share/person: nothing of this entity is shared; leave it out"            },
    });
}

}  // namespace
}  // namespace casebridge::config
