#include "tests/config/files.hpp"

#include <gtest/gtest.h>

// What is said about a wrong model, and about tables as a whole.

namespace casebridge::config {
namespace {

TEST(Mistakes, TheModelIsChecked)
{
    expect_mistakes({
        {model,
         R"(["female", "male", "diverse", "unknown"])",          R"(["female", "male", "female", ""])",
         R"(model.jsonc:3:31: code_lists/sex/2: code "female" is repeated)"
         "\n"
         "model.jsonc:3:41: code_lists/sex/3: must not be empty"                                                                                      },
        {model,
         R"(["employed", "unemployed", "seeking"])",             "[]",
         "model.jsonc:4:26: code_lists/employment_status: a code list needs a code"                                                                   },
        {model,
         R"("label": "text")",                                   R"("Label": "text")",
         "model.jsonc:7:32: entities/household/fields/Label: a field's name consists of a-z, 0-9 and _, in "
         "parts joined by dots"
         "\n"
         R"(sp.mapping.jsonc:7:19: sp.household.label: "label" is no field of household; did you mean "Label"?)"                                      },
        {model,
         R"("label": "text")",                                   "",
         "model.jsonc:7:30: entities/household/fields: an entity needs a field"
         "\n"
         R"(sp.mapping.jsonc:7:19: sp.household.label: "label" is no field of household)"                                                             },
        {model,
         R"("birth_date": "date")",                              R"("birth_date": "day")",
         R"(model.jsonc:13:23: entities/person/fields/birth_date: "day" is none of text, integer, decimal, boolean, date, timestamp, code, reference, set)"},
        {model,
         R"("birth_date": "date")",                              R"("birth_date": "code")",
         R"(model.jsonc:13:23: entities/person/fields/birth_date: write {"type": "code", "list": …})"                                               },
        {model,
         R"("birth_date": "date")",                              R"("birth_date": 7)",
         R"(model.jsonc:13:23: entities/person/fields/birth_date: must be a type, or an object with "type")"                                          },
        {model,
         R"("list": "sex")",                                     R"("list": "sexes")",
         R"(model.jsonc:15:42: entities/person/fields/sex/list: there is no code list "sexes")"                                                       },
        {model,
         R"("list": "sex")",                                     R"("to": "person")",
         R"(model.jsonc:15:16: entities/person/fields/sex: "list" is missing)"
         "\n"
         "model.jsonc:15:34: entities/person/fields/sex/to: only a field of type reference leads to an "
         "entity"                                                                                                                                     },
        {model,
         R"("person": { "type": "reference", "to": "person" })", R"("person": { "type": "reference", "to": "persn" })",
         R"(model.jsonc:25:58: entities/plan/fields/person/to: "persn" is no entity of the model; did you mean "person"?)"                            },
        {model,
         R"("goal": "text")",                                    R"("goal": { "type": "text", "list": "sex", "to": "person", "size": 3 })",
         "model.jsonc:25:96: entities/plan/fields/goal/list: only a field of type code or set has a list"
         "\n"
         "model.jsonc:25:111: entities/plan/fields/goal/to: only a field of type reference leads to an entity"
         "\n"
         R"(model.jsonc:25:127: entities/plan/fields/goal: unknown key "size")"                                                                       },
        {model,
         R"("goal": "text")",                                    R"("goal": "text", "default": "text")",
         R"(model.jsonc:25:86: entities/plan/fields/default: "default" has a meaning in the rules and cannot name a field)"                           },
        {model,
         R"(["name.family", "name.given"] })",                   R"(["name.family", "name.given"], "whole": ["name.given", "phone"], "sex": ["sex", "nobody"], "alone": ["phone"] })",
         R"(model.jsonc:21:68: entities/person/groups/whole/0: "name.given" is in the group name already; groups do not overlap)"
         "\n"
         R"(model.jsonc:21:92: entities/person/groups/sex: a field has the name "sex" already)"
         "\n"
         R"(model.jsonc:21:107: entities/person/groups/sex/1: "nobody" is no field of person)"
         "\n"
         "model.jsonc:21:127: entities/person/groups/alone: a group has two fields or more"
         "\n"
         R"(model.jsonc:21:128: entities/person/groups/alone/0: "phone" is in the group whole already; groups do not overlap)"                        },
        {model,
         R"(["national_id"], ["name", "birth_date"])",           R"(["natinal_id"], ["name.given"], [])",
         R"(model.jsonc:22:21: entities/person/identity/0/0: "natinal_id" is no field or group of person; did you mean "national_id"?)"
         "\n"
         "model.jsonc:22:52: entities/person/identity/2: an identity rule needs a field"                                                              },
        {model,
         R"(["national_id"], ["name", "birth_date"])",           R"(["national_id", { "normalise": "name" }], [{ "field": "nme" }, { "field": "name", "normalise": "nam" }, { "field": "birth_date", "normalise": "name" }, { "field": "phone", "by": "name" }])",
         R"(model.jsonc:22:36: entities/person/identity/0/1: "field" is missing)"
         "\n"
         R"(model.jsonc:22:74: entities/person/identity/1/0/field: "nme" is no field or group of person; did you mean "name"?)"
         "\n"
         R"(model.jsonc:22:115: entities/person/identity/1/1/normalise: "nam" is no way to normalise; did you mean "name"?)"
         "\n"
         R"(model.jsonc:22:162: entities/person/identity/1/2/normalise: birth_date is no text: only texts are compared as names)"
         "\n"
         R"(model.jsonc:22:192: entities/person/identity/1/3: unknown key "by")"                                                                      },
        {model,
         R"(["national_id"], ["name", "birth_date"])",           R"(["death_date", "national_id"], ["able_bodied", "household"])",
         "model.jsonc:22:20: entities/person/identity/0: only one agency maps death_date: the rule can never "
         "match"
         "\n"
         "model.jsonc:22:51: entities/person/identity/1: only one agency maps able_bodied: the rule can "
         "never match"
         "\n"
         "model.jsonc:22:51: entities/person/identity/1: only one agency maps household: the rule can never "
         "match"                                                                                                                                      },
    });
}

TEST(Mistakes, TablesAreChecked)
{
    expect_mistakes({
        {es,
         R"("agency": "es")",                            R"("agency": "sp")",
         R"(es.mapping.jsonc:2:13: agency: "sp" is not the agency whose mapping this is; the bridge names this file for es)"                                      },
        {es,
         R"("jobs.\"JobSeeker\"")",                      R"("JobSeeker")",
         R"(es.mapping.jsonc:4:5: JobSeeker: a table is named as in SQL, with its schema: registry.member, registry."Member")"                                    },
        {es,
         R"("entity": "person")",                        R"("entity": "people")",
         R"(es.mapping.jsonc:5:17: jobs."JobSeeker"/entity: "people" is no entity of the model)"                                                                  },
        {es, R"("entity": "person",)",                   "",                                     R"(es.mapping.jsonc:4:27: jobs."JobSeeker": "entity" is missing)"},
        {sp,
         R"("SP.Person": {)",                            R"("sp.household": {)",
         "sp.mapping.jsonc:9:5: tables/sp.household: the key is repeated; it stands in line 4 already"
         "\n"
         "sp.mapping.jsonc:29:61: sp.plan.person: sp has no table for person, so nothing to refer to"                                                             },
        {sp,
         R"("SP.Person": {)",                            R"("sp.\"household\"": {)",
         R"(sp.mapping.jsonc:9:5: sp."household": the table is mapped already, under another spelling)"
         "\n"
         "sp.mapping.jsonc:29:61: sp.plan.person: sp has no table for person, so nothing to refer to"                                                             },
        {sp,
         R"("entity": "household")",                     R"("entity": "plan")",
         R"(sp.mapping.jsonc:7:19: sp.household.label: "label" is no field of plan)"
         "\n"
         "sp.mapping.jsonc:20:57: SP.Person.household: sp has no table for household, so nothing to refer to"
         "\n"
         "sp.mapping.jsonc:25:5: sp.plan: entity plan is kept in sp.household already; two tables of one "
         "agency for one entity are not supported"                                                                                                                },
        {es,
         R"({ "column": "id", "new": "uuid" })",         R"({ "column": "", "new": "serial" })",
         R"(es.mapping.jsonc:6:26: jobs."JobSeeker"/key/column: a column is named as the catalogue spells it, without quotes, in 1 to 63 bytes)"
         "\n"
         R"(es.mapping.jsonc:6:37: jobs."JobSeeker"/key/new: "serial" is none of sequence, uuid)"                                                                 },
        {es,
         R"("key": { "column": "id", "new": "uuid" },)", "",
         R"(es.mapping.jsonc:4:27: jobs."JobSeeker": "key" is missing)"                                                                                           },
        {es,
         R"("create_when")",                             R"("create_wen")",
         R"(es.mapping.jsonc:7:7: jobs."JobSeeker": unknown key "create_wen"; did you mean "create_when"?)"                                                       },
    });
}

}  // namespace
}  // namespace casebridge::config
