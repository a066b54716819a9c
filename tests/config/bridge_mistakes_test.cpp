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
        {bridge,
         R"("conflict_values_days": 90)",           R"("conflict_values_days": 0)",
         "bridge.jsonc:28:70: retention/conflict_values_days: must be a whole number from 1 to 36500"                                                                      },
        {bridge,
         R"("conflict_values_days": 90)",           R"("journal_days": 364)",
         "bridge.jsonc:28:16: retention: journal_days is less than journal_values_days: entries would go "
         "before "
         "their values"                                                                                                                                                    },
    });
}

TEST(Mistakes, TheGuardAgainstStaleFormsIsChecked)
{
    expect_mistakes({
        {bridge,
         R"("stale_form_window_seconds": 600)", R"("stale_form_window_seconds": -1)",
         "bridge.jsonc:9:160: agencies/es/stale_form_window_seconds: must be a whole number from 0 to 86400"  },
        {bridge,
         R"("stale_form_window_seconds": 600)", R"("stale_form_window_seconds": 86401)",
         "bridge.jsonc:9:160: agencies/es/stale_form_window_seconds: must be a whole number from 0 to 86400"  },
        {bridge,
         R"("death_date": "any")",              R"("death_date": "all")",
         R"(bridge.jsonc:29:64: stale_forms/person/death_date: "all" is none of restored, any, off)"          },
        {bridge,
         R"("death_date": "any")",              R"("nobody": "any")",
         R"(bridge.jsonc:29:50: stale_forms/person/nobody: "nobody" is no field or group of person)"          },
        {bridge,
         R"("stale_forms": { "person")",        R"("stale_forms": { "persn")",
         R"(bridge.jsonc:29:20: stale_forms/persn: "persn" is no entity of the model; did you mean "person"?)"},
        {bridge,
         R"("default": "off")",                 R"("default": true)",
         "bridge.jsonc:29:43: stale_forms/person/default: must be text, but is true or false"                 },
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
         R"(    "es": { "capture")",                                                                        R"(    "Es": { "capture")",
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
         "\"service=es_deliver\", \"mapping\": \"es.mapping.jsonc\", \"stale_form_window_seconds\": 600 }", "",
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
         R"(bridge.jsonc:12:5: rules/persn: "persn" is no entity of the model; did you mean "person"?)"                                                      },
        {bridge,
         R"("death_date": "hold")",                        R"("deathdate": "hold")",
         R"(bridge.jsonc:16:7: rules/person/deathdate: "deathdate" is no field or group of person; did you mean "death_date"?)"                              },
        {bridge,
         R"("death_date": "hold")",                        R"("name.given": "hold")",
         R"(bridge.jsonc:16:7: rules/person/name.given: "name.given" is part of the group name: name the group)"                                             },
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": "newest")",
         R"(bridge.jsonc:16:21: rules/person/death_date: "newest" is none of latest, hold, filled, max, min, sum, union)"                                           },
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": 7)",
         R"(bridge.jsonc:16:21: rules/person/death_date: a rule is a word such as "latest", an object such as {"authority": "<agency>"}, or a list of rules)"},
        {bridge,
         R"("death_date": "hold")",                        R"("death_date": { "authority": "es" })",
         "bridge.jsonc:16:21: rules/person/death_date: es does not map death_date and cannot be its "
         "authority"                                                                                                                                         },
        {bridge,
         R"("employment_status": { "authority": "es" })",  R"("employment_status": { "authority": "ess" })",
         R"(bridge.jsonc:15:43: rules/person/employment_status/authority: "ess" is no agency of this bridge; did you mean "es"?)"                            },
        {bridge,
         R"("default": "latest")",                         R"("default": { "authority": "es" })",
         "bridge.jsonc:13:18: rules/person/default: es does not map able_bodied and cannot be its authority"
         "\n"
         "bridge.jsonc:13:18: rules/person/default: es does not map household and cannot be its authority"                                                   },
        {bridge,
         R"("employment_status": { "authority": "es" },)", R"("employment_status": { "authority": "sp" }, "phone": { "autority": "sp" },)",
         "bridge.jsonc:15:28: rules/person/employment_status: sp does not map employment_status and cannot "
         "be its authority"
         "\n"
         R"(bridge.jsonc:15:62: rules/person/phone: unknown key "autority"; did you mean "authority"?)"                                                      },
    });
}

// A rule in the place of death_date's, a date, and what is said about it.
Case of_a_date(const std::string& rule, const std::string& place, const std::string& mistake)
{
    return {
        bridge,
        R"("death_date": "hold")",
        R"("death_date": )" + rule,
        "bridge.jsonc:16:" + place + ": " + mistake};
}

TEST(Mistakes, FormsOfRulesAreChecked)
{
    const std::string at = "rules/person/death_date";
    expect_mistakes({
        of_a_date("[]", "21", at + R"(: an empty list decides nothing: name the rules, or write "hold")"),
        of_a_date("{}", "21", at + ": the rule is missing: one of authority, rank, latest"),
        of_a_date(
            R"(["latest", "hold"])",
            "32",
            at + R"(/1: a list needs no "hold": a person decides when its last rule abstains)"
        ),
        of_a_date(
            R"([{ "authority": "sp" }])",
            "24",
            at + "/0/authority: an authority stands alone: it judges every edit and never abstains"
        ),
        of_a_date(
            R"([["latest"]])",
            "22",
            at +
                R"(/0: a rule of a list is a word such as "latest", or an object such as {"rank": ["<code>"]})"
        ),
        of_a_date(R"(["latest", "filled", "latest"])", "42", at + R"(/2: "latest" is in the list already)"),
        of_a_date(R"(["max", "latest"])", "29", at + R"(/1: is never asked: "max" before it always decides)"),
        of_a_date(
            R"({ "authority": "sp", "propose": "yes" })",
            "53",
            at + "/propose: must be true or false, but is text"
        ),
        of_a_date(R"({ "propose": true })", "23", at + R"(: unknown key "propose")"),
        of_a_date(R"({ "latest": {} })", "33", at + R"(/latest: "skew_ms" is missing)"),
        of_a_date(
            R"({ "latest": { "skew_ms": -1 } })",
            "46",
            at + "/latest/skew_ms: must be a whole number from 0 to 86400000"
        ),
        of_a_date(
            R"({ "latest": { "skew_ms": 1 }, "authority": "sp" })",
            "23",
            at + "/latest: one object is one rule: make a list of them"
        ),
    });
}

TEST(Mistakes, RulesMustFitWhatTheyJudge)
{
    const std::string others = R"(; "latest", "filled" and "hold" judge anything)";
    expect_mistakes({
        of_a_date(
            R"("sum")",
            "21",
            R"(rules/person/death_date: "sum" is for one field of type integer or decimal, which death_date is not)" +
                others
        ),
        of_a_date(
            R"({ "rank": ["a"] })",
            "21",
            R"(rules/person/death_date: "rank" is for one field of type code, which death_date is not)" +
                others
        ),
        {bridge,
          R"("death_date": "hold")",                           R"("death_date": "hold", "phone": "max")",
          R"(bridge.jsonc:16:38: rules/person/phone: "max" is for one field of type integer, decimal, date or timestamp, which phone is not)" +
             others                                                                                                    },
        {bridge,
          R"("name": { "authority": "sp", "propose": true })", R"("name": ["filled", "min"])",
          R"(bridge.jsonc:14:15: rules/person/name: "min" judges one field, and name is a group)" + others             },
        {bridge,
          R"("default": "latest")",                            R"("default": "max")",
          R"(bridge.jsonc:13:18: rules/person/default: "max" fits only some types: name the fields that it judges)"    },
        {bridge,
          R"({ "rank": ["female", "male"] })",                 R"({ "rank": ["femal", "male"] })",
          R"(bridge.jsonc:16:36: rules/person/sex: code list sex has no "femal"; did you mean "female"?)"              },
        {bridge,
          R"({ "rank": ["female", "male"] })",                 R"({ "rank": ["female", "male", "female"] })",
          R"(bridge.jsonc:16:65: rules/person/sex/rank/2: "female" is in the list already)"                            },
        {bridge,
          R"({ "rank": ["female", "male"] })",                 R"({ "rank": [] })",
          R"(bridge.jsonc:16:46: rules/person/sex/rank: the codes are missing, the one that outranks all others first)"},
        {bridge,
          R"("budget": "sum")",                                R"("budget": ["filled", "sum"])",
          R"(bridge.jsonc:17:39: rules/plan/budget/1: "sum" stands first in a list: it adds up what all have written)" },
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
