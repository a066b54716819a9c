#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// What is said about wrong fields, splits, constants and conditions of a table.

namespace casebridge::config {
namespace {

TEST(Mistakes, FieldsAreChecked)
{
    expect_mistakes({
        {es,
         R"("national_id": "nin")",                                                    R"("nationalid": "nin")",
         R"(es.mapping.jsonc:9:9: jobs."JobSeeker".nationalid: "nationalid" is no field of person; did you mean "national_id"?)"                                 },
        {es,
         "\"name.given\": \"first_name\",\n",                                          "",
         R"(es.mapping.jsonc:10:17: jobs."JobSeeker".name.family: the group name is mapped without name.given; it merges as one: map all of its fields, or none)"},
        {es,
         R"("name.given": "first_name")",                                              R"("name": "first_name")",
         R"(es.mapping.jsonc:10:9: jobs."JobSeeker".name: "name" is a group of person: name its fields)"
         "\n"
         R"(es.mapping.jsonc:11:9: jobs."JobSeeker".name.family: the group name is mapped without name.given; it merges as one: map all of its fields, or none)" },
        {es,
         R"("phone": "phone")",                                                        R"("phone": "")",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: a column is named as the catalogue spells it, without quotes, in 1 to 63 bytes)"                     },
        {es,
         R"("phone": "phone")",                                                        R"("phone": "\"phone\"")",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: a column is named as the catalogue spells it, without quotes, in 1 to 63 bytes)"                     },
        {es,
         R"("phone": "phone")",                                                        R"("phone": "nin")",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: column "nin" is used already, by national_id)"                                                       },
        {es,
         R"("phone": "phone")",                                                        R"("phone": "id")",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: column "id" is used already, by the table's key)"                                                    },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "gender", "path": "a" })",
         R"(es.mapping.jsonc:15:30: jobs."JobSeeker".phone: column "gender" is used already, by sex)"                                                            },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "path": "a..b" })",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: "column" is missing)"
         "\n"
         R"(es.mapping.jsonc:15:28: jobs."JobSeeker".phone: a path consists of names joined by dots, none of them empty)"                                        },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "contact", "path": "phones.0" })",
         R"(es.mapping.jsonc:15:49: jobs."JobSeeker".phone: "0" would be a position in a list; lists inside documents are not supported)"                        },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "contact", "path": "a" }, "able_bodied": { "column": "contact", "path": "a.b" })",
         R"(es.mapping.jsonc:15:83: jobs."JobSeeker".able_bodied: column "contact" is used already, by phone)"                                                   },
        {es,
         R"("phone": "phone")",                                                        R"("phone": 7)",
         R"(es.mapping.jsonc:15:18: jobs."JobSeeker".phone: must be a column, or an object with "column")"                                                       },
        {es,
         R"("phone": "phone")",                                                        R"("phon\ne": "phone")",
         R"(es.mapping.jsonc:15:9: jobs."JobSeeker".phon?e: "phon?e" is no field of person; did you mean "phone"?)"                                              },
        {es,
         "DD.MM.YYYY",                                                                 "DD.MM.YY",
         R"(es.mapping.jsonc:12:53: jobs."JobSeeker".birth_date: a format has YYYY, MM and DD once each, and no other letters or digits)"                        },
        {es,
         R"({ "column": "born", "format": "DD.MM.YYYY" })",                            R"({ "column": "born", "fromat": "DD.MM.YYYY" })",
         R"(es.mapping.jsonc:12:43: jobs."JobSeeker".birth_date: unknown key "fromat"; did you mean "format"?)"                                                  },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "phone", "format": "DD.MM.YYYY" })",
         R"(es.mapping.jsonc:15:39: jobs."JobSeeker".phone: only a date has a format; phone is of type text)"                                                    },
        {es,
         R"("A": "employed")",                                                         R"("A": "emploied", "B": "employment")",
         R"(es.mapping.jsonc:14:101: jobs."JobSeeker".employment_status: code list employment_status has no "emploied"; did you mean "employed"?)"
         "\n"
         R"(es.mapping.jsonc:14:118: jobs."JobSeeker".employment_status: code list employment_status has no "employment"; did you mean "employed"?)"             },
        {es,
         R"({ "S": "seeking", "S2": "seeking", "A": "employed", "U": "unemployed" })", "{}",
         R"(es.mapping.jsonc:14:61: jobs."JobSeeker".employment_status: no code is mapped)"                                                                      },
        {es,
         R"("phone": "phone")",                                                        R"("able_bodied": { "column": "able", "codes": { "J": "yes", "N": "f" } })",
         R"(es.mapping.jsonc:15:60: jobs."JobSeeker".able_bodied: "yes" is no boolean)"
         "\n"
         R"(es.mapping.jsonc:15:72: jobs."JobSeeker".able_bodied: "f" must be written "false")"                                                                  },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "phone", "ref": "person" })",
         R"(es.mapping.jsonc:15:39: jobs."JobSeeker".phone: phone is of type text, not a reference)"                                                             },
        {es,
         R"("phone": "phone")",                                                        R"("phone": { "column": "phone", "required": true })",
         R"(es.mapping.jsonc:15:39: jobs."JobSeeker".phone: only a reference can be required)"                                                                   },
        {es,
         R"("phone": "phone")",                                                        R"("household": "household_id")",
         R"(es.mapping.jsonc:15:22: jobs."JobSeeker".household: household is a reference: write {"column": …, "ref": …})"                                    },
        {es,
         R"("phone": "phone")",                                                        R"("household": { "column": "household_id", "ref": "household" })",
         R"(es.mapping.jsonc:15:57: jobs."JobSeeker".household: es has no table for household, so nothing to refer to)"                                          },
        {sp,
         R"("ref": "household")",                                                      R"("ref": "person")",
         R"(sp.mapping.jsonc:20:57: SP.Person.household: household leads to household, not to "person")"                                                         },
        {sp,
         R"("required": true)",                                                        R"("required": "true")",
         "sp.mapping.jsonc:20:82: SP.Person.household: must be true or false, but is text"                                                                       },
        {sp,
         R"("ref": "household", "required": true)",                                    R"("codes": { "1": "2" })",
         "sp.mapping.jsonc:20:50: SP.Person.household: household is a reference and has no codes"                                                                },
        {sp,
         R"("ref": "household", "required": true)",                                    R"("ref": "household", "codes": { "1": "2" })",
         R"(sp.mapping.jsonc:20:22: SP.Person.household: "format", "codes" and "ref" exclude each other)"                                                        },
    });
}

TEST(Mistakes, SplitsAreChecked)
{
    expect_mistakes({
        {sp,
         "{name.family}, {name.given}", "{name.family}{name.given}",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: two fields without a text between them cannot "
         "be told apart"                                                                                                       },
        {sp,
         "{name.family}, {name.given}", "{name.family}, {phone}",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: name.family and phone do not belong to one "
         "group; a column is split inside a group only"                                                                        },
        {sp,
         "{name.family}, {name.given}", "{name.family}, {name.giver}",
         R"(sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: "name.giver" is no field of person; did you mean "name.given"?)"},
        {sp,
         "{name.family}, {name.given}", "{name.family}, {name.family}",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: field name.family stands in the pattern twice"                    },
        {sp,
         "{name.family}, {name.given}", "{name.family, name.given",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: a pattern has fields in braces: {name.family}, "
         "{name.given}"                                                                                                        },
        {sp,
         "{name.family}, {name.given}", "full name",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: a pattern has fields in braces: {name.family}, "
         "{name.given}"                                                                                                        },
        {sp,
         "{name.family}, {name.given}", "{sex}: {name.given}",
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: sex is of type code and cannot be part of a "
         "pattern"                                                                                                             },
        {sp,
         R"("column": "full_name")",    R"("column": "born")",
         R"(sp.mapping.jsonc:22:29: SP.Person/split/0/column: column "born" is used already, by birth_date)"                   },
        {sp,
         R"("column": "full_name", )",  "",
         R"(sp.mapping.jsonc:22:17: SP.Person/split/0: "column" is missing)"                                                   },
        {sp,
         R"("sex": "sex")",             R"("name.family": "family")",
         "sp.mapping.jsonc:17:9: SP.Person.name.family: the group name is mapped without name.given; it "
         "merges as one: map all of its fields, or none"
         "\n"
         "sp.mapping.jsonc:22:53: SP.Person/split/0/pattern: field name.family is mapped already"                              },
    });
}

TEST(Mistakes, InsertsAreChecked)
{
    expect_mistakes({
        {sp,
         R"("created_by": "casebridge")", R"("created_by": null)",
         "sp.mapping.jsonc:23:36: SP.Person/on_insert/created_by: must be text, but is null"                                                     },
        {sp,
         R"("created_by": "casebridge")", R"("born": "1900-01-01", "id": "7")",
         R"(sp.mapping.jsonc:23:22: SP.Person/on_insert/born: column "born" is used already, by birth_date)"
         "\n"
         R"(sp.mapping.jsonc:23:44: SP.Person/on_insert/id: column "id" is used already, by the table's key)"                                    },
        {es,
         R"("able_bodied": "true")",      R"("able_bodied": true, "able": "true")",
         R"(es.mapping.jsonc:7:39: jobs."JobSeeker"/create_when/able_bodied: must be a value as text, a list of them, or {"age": …})"
         "\n"
         R"(es.mapping.jsonc:7:45: jobs."JobSeeker"/create_when/able: "able" is no field of person)"                                             },
        {es,
         R"("able_bodied": "true")",      R"("able_bodied": "yes", "sex": "femal", "household": "7")",
         R"(es.mapping.jsonc:7:39: jobs."JobSeeker"/create_when/able_bodied: "yes" is no boolean)"
         "\n"
         R"(es.mapping.jsonc:7:53: jobs."JobSeeker"/create_when/sex: code list sex has no "femal"; did you mean "female"?)"
         "\n"
         R"(es.mapping.jsonc:7:75: jobs."JobSeeker"/create_when/household: household is a reference; conditions on references are not supported)"},
        {es,
         R"(["unemployed", "seeking"])",  "[]",
         R"(es.mapping.jsonc:7:68: jobs."JobSeeker"/create_when/employment_status: a condition without a value never holds)"                     },
        {es,
         R"("from": 18, "to": 64)",       R"("from": 64, "to": 18)",
         R"(es.mapping.jsonc:7:118: jobs."JobSeeker"/create_when/birth_date/age: "from" is greater than "to": no age fits)"                      },
        {es,
         R"("from": 18, "to": 64)",       R"("from": -1)",
         R"(es.mapping.jsonc:7:118: jobs."JobSeeker"/create_when/birth_date/age: "to" is missing)"
         "\n"
         R"(es.mapping.jsonc:7:128: jobs."JobSeeker"/create_when/birth_date/age/from: must be a whole number from 0 to 150)"                     },
        {es,
         R"("birth_date": { "age")",      R"("phone": { "age")",
         R"(es.mapping.jsonc:7:104: jobs."JobSeeker"/create_when/phone: phone is no date and has no age)"                                        },
        {es,
         R"("birth_date": { "age")",      R"("birth_date": { "ages")",
         R"(es.mapping.jsonc:7:109: jobs."JobSeeker"/create_when/birth_date: "age" is missing)"
         "\n"
         R"(es.mapping.jsonc:7:111: jobs."JobSeeker"/create_when/birth_date: unknown key "ages"; did you mean "age"?)"                           },
        {sp,
         R"("create_when": "always")",    R"("create_when": "sometimes")",
         R"(sp.mapping.jsonc:28:22: sp.plan/create_when: "sometimes" is none of always, never)"                                                  },
        {sp,
         R"("create_when": "always")",    R"("create_when": {})",
         R"(sp.mapping.jsonc:28:22: sp.plan/create_when: no condition; write "always" or "never")"                                               },
    });
}

}  // namespace
}  // namespace casebridge::config
